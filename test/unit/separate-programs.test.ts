/** Replies as mail programs really write them, in the 17 languages of the support page. */
import { describe, expect, it } from 'vitest';
import { layOut } from '../../src/pipeline/layout.ts';
import { readingOf } from '../../src/pipeline/reading.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(new URL('../../policy', import.meta.url).pathname);
const reading = readingOf(policy);
const NEW = 'owner@client.example';
const OLD = 'Which address does the super admin have?';

/** The line Gmail and Apple Mail put above a quotation, and the header block Outlook does. */
const languages: Record<string, { gmail: string; apple: string; outlook: [string, string, string, string] }> = {
  en: {
    gmail: 'On Mon, Mar 3, 2025 at 10:00 AM Zoho <z@b.example> wrote:',
    apple: 'On 3 Mar 2025, at 10:00, Zoho <z@b.example> wrote:',
    outlook: ['From', 'Sent', 'To', 'Subject'],
  },
  es: {
    gmail: 'El lun, 3 mar 2025 a las 10:00, Zoho (<z@b.example>) escribió:',
    apple: 'El 3 mar 2025, a las 10:00, Zoho <z@b.example> escribió:',
    outlook: ['De', 'Enviado', 'Para', 'Asunto'],
  },
  pt: {
    gmail: 'Em seg., 3 de mar. de 2025 às 10:00, Zoho <z@b.example> escreveu:',
    apple: 'No dia 03/03/2025, às 10:00, Zoho <z@b.example> escreveu:',
    outlook: ['De', 'Enviada em', 'Para', 'Assunto'],
  },
  de: {
    gmail: 'Am Mo., 3. März 2025 um 10:00 Uhr schrieb Zoho <z@b.example>:',
    apple: 'Am 03.03.2025 um 10:00 schrieb Zoho <z@b.example>:',
    outlook: ['Von', 'Gesendet', 'An', 'Betreff'],
  },
  vi: {
    gmail: 'Vào Th 2, 3 thg 3, 2025 vào lúc 10:00 Zoho <z@b.example> đã viết:',
    apple: 'Vào 10:00, 3 thg 3, 2025, Zoho <z@b.example> đã viết:',
    outlook: ['Từ', 'Đã gửi', 'Tới', 'Chủ đề'],
  },
  ar: {
    gmail: 'في الاثنين، 3 مارس 2025 في 10:00 ص تمت كتابة ما يلي بواسطة Zoho <z@b.example>:',
    apple: 'في ٣ مارس ٢٠٢٥، الساعة ١٠:٠٠ ص، كتب Zoho <z@b.example>:',
    outlook: ['من', 'تم الإرسال', 'إلى', 'الموضوع'],
  },
  fr: {
    gmail: 'Le lun. 3 mars 2025 à 10:00, Zoho <z@b.example> a écrit :',
    apple: 'Le 3 mars 2025 à 10:00, Zoho <z@b.example> a écrit :',
    outlook: ['De', 'Envoyé', 'À', 'Objet'],
  },
  it: {
    gmail: 'Il giorno lun 3 mar 2025 alle ore 10:00 Zoho <z@b.example> ha scritto:',
    apple: 'Il giorno 3 mar 2025, alle ore 10:00, Zoho <z@b.example> ha scritto:',
    outlook: ['Da', 'Inviato', 'A', 'Oggetto'],
  },
  nl: {
    gmail: 'Op ma 3 mrt 2025 om 10:00 schreef Zoho <z@b.example>:',
    apple: 'Op 3 mrt. 2025, om 10:00 heeft Zoho <z@b.example> het volgende geschreven:',
    outlook: ['Van', 'Verzonden', 'Aan', 'Onderwerp'],
  },
  ja: {
    gmail: '2025年3月3日(月) 10:00 Zoho <z@b.example>:',
    apple: '2025/03/03 10:00、Zoho <z@b.example>のメール:',
    outlook: ['差出人', '送信日時', '宛先', '件名'],
  },
  zh: {
    gmail: 'Zoho <z@b.example> 于2025年3月3日周一 10:00写道：',
    apple: '在 2025年3月3日，10:00，Zoho <z@b.example> 写道：',
    outlook: ['发件人', '发送时间', '收件人', '主题'],
  },
  id: {
    gmail: 'Pada Sen, 3 Mar 2025 pukul 10.00 Zoho <z@b.example> menulis:',
    apple: 'Pada 3 Mar 2025, pukul 10.00, Zoho <z@b.example> menulis:',
    outlook: ['Dari', 'Dikirim', 'Kepada', 'Subjek'],
  },
  th: {
    gmail: 'ในวันที่ จ. 3 มี.ค. 2025 เวลา 10:00 Zoho <z@b.example> เขียนว่า:',
    apple: 'เมื่อ 3 มี.ค. 2568 เวลา 10:00 Zoho <z@b.example> เขียนว่า:',
    outlook: ['จาก', 'ส่งเมื่อ', 'ถึง', 'เรื่อง'],
  },
  ko: {
    gmail: '2025년 3월 3일 (월) 오전 10:00, Zoho <z@b.example>님이 작성:',
    apple: '2025. 3. 3. 오전 10:00, Zoho <z@b.example> 작성:',
    outlook: ['보낸 사람', '보낸 날짜', '받는 사람', '제목'],
  },
  tr: {
    gmail: 'Zoho <z@b.example>, 3 Mar 2025 Pzt, 10:00 tarihinde şunu yazdı:',
    apple: 'Zoho <z@b.example> şunları yazdı (3 Mar 2025 10:00):',
    outlook: ['Kimden', 'Gönderildi', 'Kime', 'Konu'],
  },
  ru: {
    gmail: 'пн, 3 мар. 2025 г. в 10:00, Zoho <z@b.example>:',
    apple: '3 марта 2025 г., в 10:00, Zoho <z@b.example> написал(а):',
    outlook: ['От', 'Отправлено', 'Кому', 'Тема'],
  },
  pl: {
    gmail: 'pon., 3 mar 2025 o 10:00 Zoho <z@b.example> napisał(a):',
    apple: 'Wiadomość napisana przez Zoho <z@b.example> w dniu 03.03.2025, o godz. 10:00:',
    outlook: ['Od', 'Wysłano', 'Do', 'Temat'],
  },
  sv: {
    gmail: 'Den mån 3 mars 2025 kl 10:00 skrev Zoho <z@b.example>:',
    apple: '3 mars 2025 kl. 10:00 skrev Zoho <z@b.example>:',
    outlook: ['Från', 'Skickat', 'Till', 'Ämne'],
  },
};

const encoded = (text: string) => text.replaceAll('<', '&lt;');
const words = (text: string) =>
  text
    .split(/[\s>]+/)
    .filter(Boolean)
    .sort();

function fromText(text: string, subject = 'Re: Request') {
  const result = layOut({ text, html: '' }, subject, reading, 'sam@partner.example').text();
  expect(words(`${result.text}\n${result.quoted}`)).toEqual(words(text));
  return result.text;
}
const fromHtml = (html: string, subject = 'Re: Request') =>
  layOut({ text: '', html }, subject, reading, 'sam@partner.example').html().text;

describe.each(Object.entries(languages))('%s', (_, { gmail, apple, outlook: [from, sent, to, subject] }) => {
  const header = [`Zoho <z@b.example>`, 'Monday, 3 March 2025 10:00', 'Sam Lee <sam@partner.example>', 'Re: Request'];
  const names = [from, sent, to, subject];

  it('Gmail and Apple Mail, text', () => {
    for (const introduction of [gmail, apple]) {
      expect(fromText(`${NEW}\n\n${introduction}\n\n> ${OLD}\n> More.`), introduction).toBe(NEW);
      const wrapped = introduction.replace(' <z@b', '\n<z@b');
      expect(fromText(`${NEW}\n\n${wrapped}\n> ${OLD}`), wrapped).toBe(NEW);
    }
  });

  it('Gmail, HTML, with an answer inside', () => {
    const html = `<div dir="ltr">${NEW}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">${encoded(gmail)}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><div>${OLD}</div></blockquote><div>Inside</div><blockquote class="gmail_quote"><div>More.</div></blockquote></div>`;
    expect(fromHtml(html).replace(/\n+/g, '|')).toBe(`${NEW}|Inside`);
  });

  it('Apple Mail and Thunderbird, HTML', () => {
    const cite = `<blockquote type="cite"><div>${OLD}</div></blockquote>`;
    expect(
      fromHtml(
        `<div>${NEW}</div><div><br><blockquote type="cite"><div>${encoded(apple)}</div><br><div>${OLD}</div></blockquote></div>`,
      ),
    ).toBe(NEW);
    expect(fromHtml(`<p>${NEW}</p><div class="moz-cite-prefix">${encoded(gmail)}<br></div>${cite}`)).toBe(NEW);
    expect(fromHtml(`<div class="moz-cite-prefix">${encoded(gmail)}<br></div>${cite}<p>${NEW}</p>`)).toBe(NEW);
  });

  it('Outlook, text', () => {
    const block = names.map((name, index) => `${name}: ${header[index]}`).join('\n');
    expect(fromText(`${NEW}\n\n________________________________\n${block}\n\n${OLD}`)).toBe(NEW);
    expect(fromText(`${NEW}\n\n${block}\n\n${OLD}`)).toBe(NEW);
  });

  it('Outlook, HTML: desktop, web and telephone', () => {
    const lines = names.map((name, index) => `<b>${name}:</b> ${encoded(header[index] ?? '')}`).join('<br>');
    const old = `<div>${OLD}</div>`;
    expect(
      fromHtml(
        `<div class="WordSection1"><p class="MsoNormal">${NEW}</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p class="MsoNormal">${lines}</p></div></div><p class="MsoNormal">${OLD}</p></div>`,
      ),
    ).toBe(NEW);
    expect(
      fromHtml(
        `<div>${NEW}</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr"><font>${lines}</font><div>&nbsp;</div></div>${old}`,
      ),
    ).toBe(NEW);
    expect(
      fromHtml(
        `<div>${NEW}</div><div id="ms-outlook-mobile-signature">Outlook</div><hr><div id="divRplyFwdMsg"><font>${lines}</font></div>${old}`,
      ),
    ).toBe(NEW);
  });

  it('Zoho Mail and Yahoo, HTML', () => {
    const introduction = encoded(gmail.replace(/[:：]$/, ''));
    expect(
      fromHtml(
        `<div>${NEW}</div><div class="zmail_extra_hr" style="border-top: 1px solid"></div><div class="zmail_extra" data-zbluepencil-ignore="true"><div id="Zm-_Id_-Sgn1">---- ${introduction} ----</div><br><blockquote id="blockquote_zmail" style="margin: 0px;"><div>${OLD}</div></blockquote></div>`,
      ),
    ).toBe(NEW);
    expect(
      fromHtml(`<div>${NEW}</div><div class="zmail_extra"><div>---- ${introduction} ----</div><div>${OLD}</div></div>`),
    ).toBe(NEW);
    expect(
      fromHtml(
        `<div>${NEW}</div><div id="yahoo_quoted_1" class="yahoo_quoted"><div>${encoded(gmail)}</div><div>${OLD}</div></div>`,
      ),
    ).toBe(NEW);
  });
});

describe('answers', () => {
  it('written into the question are kept, in text and in HTML', () => {
    expect(
      fromText(`On 3 Mar 2025 at 10:00, Zoho <z@b.example> wrote:\n> Which user?\n\nJane.\n\n> Which product?\nCRM.`),
    ).toBe('Jane.\n\nCRM.');
    const zoho =
      '<div class="zmail_extra">---- On Mon, 3 Mar 2025 10:00:00 Zoho wrote ----<blockquote id="blockquote_zmail"><div>Which user?</div></blockquote><div>Jane.</div><blockquote id="blockquote_zmail">Which product?</blockquote><div>CRM.</div></div>';
    expect(fromHtml(zoho).replace(/\n+/g, '|')).toBe('Jane.|CRM.');
  });

  it('below an Outlook bar', () => {
    const bar = '<div style="border:none;border-left:solid blue 1.5pt;padding:0in 0in 0in 4.0pt">';
    expect(fromHtml(`<p>${NEW}</p>${bar}<p>${OLD}</p></div><p>Below.</p>`).replace(/\n+/g, '|')).toBe(`${NEW}|Below.`);
  });
});

describe('signatures', () => {
  it.each(['gmail_signature', 'moz-signature', 'x_gmail_signature'])('of class %s', (name) => {
    expect(fromHtml(`<div>${NEW}</div><div class="${name}">Sam Lee<br>+34 600 123 456</div>`)).toBe(NEW);
  });

  it.each(['Signature', 'AppleMailSignature', 'ms-outlook-mobile-signature', 'x_Signature', 'composer_signature'])(
    'of id %s',
    (id) => {
      expect(fromHtml(`<div>${NEW}</div><div id="${id}">Sam Lee</div>`)).toBe(NEW);
    },
  );

  it('that is filled in is text: people type below their card', () => {
    expect(fromHtml('<div class="gmail_signature">Product: Zoho CRM<br>ZOID: 76006415</div>')).toContain(
      'ZOID: 76006415',
    );
    expect(fromHtml('<p>Hello</p><div id="Signature">Sam<br>ZOID: 76006415</div>')).toContain('76006415');
  });

  it('below a sign-off: the card goes, the sign-off stays', () => {
    expect(
      fromText(
        `The reports do not load.\n\nKind regards,\nSam Lee\nSenior Consultant\nTel. +34 600 123 456\nsam@partner.example`,
      ),
    ).toBe('The reports do not load.\n\nKind regards,');
    expect(fromText(`Los informes fallan.\n\nSaludos cordiales\n\nSam Lee\nwww.partner.example`)).toBe(
      'Los informes fallan.\n\nSaludos cordiales',
    );
  });

  it.each([
    ['another address', 'Thanks,\nSam Lee, +34 600 123 456\nowner@client.example'],
    ['a label', 'Thanks,\n+34 600 123 456\nZOID: 76006415'],
    ['a question', 'Thanks,\nSam\nwww.partner.example\nCan you call?'],
    ['no card', 'Thanks\nIt works now'],
    ['a bare number', 'Thanks\n650456410'],
  ])('is none with %s', (_, text) => {
    expect(fromText(text)).toBe(text);
  });
});

/** As a mail from Rachel Boyd of Northwind IT. */
function fromRachel(
  text: string,
  subject = 'Re: Request',
  sender = 'rachel@northwind-it.example',
  name = 'Rachel Boyd',
) {
  const result = layOut({ text, html: '' }, subject, reading, sender, name).text();
  expect(words(`${result.text}\n${result.quoted}`)).toEqual(words(text));
  return result.text;
}

describe('signatures that nothing marks', () => {
  const said = 'The reports do not load.';

  it.each([
    ['a first name', 'Thanks,\n\nRachel'],
    ['a name and a company', 'Kind regards\nRachel Boyd\nNorthwind IT Ltd.'],
    ['a title and a place', 'Best,\n\nRachel Boyd\nHead of Delivery\n1 Market Street, San Francisco'],
    ['a company that the address names', 'Regards,\nThe team at Northwind IT'],
    ["a colleague's name", 'Thanks,\nJoanna'],
    ['a rule', 'Cheers,\n──────────\nRachel Boyd, Northwind IT\n──────────'],
    ['initials', 'Thanks,\nRachel B.'],
    ['the surname first', 'Regards\nBOYD Rachel'],
    ['a farewell in no list', 'Speak to you on Thursday,\nRachel'],
  ])('below a sign-off: %s', (_, signature) => {
    expect(fromRachel(`${said}\n\n${signature}`)).toBe(`${said}\n\n${signature.split('\n')[0]}`);
  });

  it.each([
    ['a name and a company', 'Rachel Boyd\nNorthwind IT'],
    ['a name alone', 'Rachel Boyd'],
    ['a first name alone', 'Rachel'],
  ])('without a sign-off: %s', (_, signature) => {
    expect(fromRachel(`${said}\n\n${signature}`)).toBe(said);
    expect(
      fromRachel(
        `${said}\n\n${signature}\n\nSent from my iPhone\n\nOn 3 Mar 2025 at 10:00, Z <z@b.example> wrote:\n> Old`,
      ),
    ).toBe(said);
  });

  it.each([
    ['an address of somebody else', 'Thanks,\nRachel\nowner@client.example'],
    ['a label and its value', 'Thanks,\nRachel\nZOID: 76006415'],
    ['a label with its value below', 'Thanks,\nRachel\nZOID\n76006415'],
    ['an id', 'Thanks,\nRachel Boyd\n650456410'],
    ['a product', 'Thanks,\nZoho Books'],
    ['a question', 'Thanks,\nRachel Boyd\nCan you call?'],
    ['a postscript', 'Thanks,\nRachel\nPS only in Chrome'],
    ['a postscript below a card', 'Thanks,\nRachel\n+44 20 7946 0102\nP.S. it began on Monday'],
    ['a sentence', 'Thanks,\nRachel Boyd\nIt also fails in Firefox'],
    ['no name', 'Thanks,\nit works now'],
    ['what the name answers', 'The user who sees it:\n\nRachel Boyd'],
    ['the name in a sentence', 'Thanks\n\nRachel Boyd already confirmed that it works now'],
    ['nothing else', 'Rachel Boyd\nNorthwind IT'],
  ])('is none with %s', (_, text) => {
    expect(fromRachel(text)).toBe(text);
  });

  it("another address at a public provider is another person's", () => {
    const text = 'Thanks,\nRachel\nowner@gmail.com';
    expect(fromRachel(text, 'Re: x', 'rachel@gmail.com')).toBe(text);
    expect(fromRachel('It fails.\n\nThanks,\nRachel\nrachel@gmail.com', 'Re: x', 'rachel@gmail.com')).toBe(
      'It fails.\n\nThanks,',
    );
    expect(fromRachel('It fails.\n\nThanks,\nRachel\nsales@northwind-it.example')).toBe('It fails.\n\nThanks,');
  });

  it.each([
    ['de', 'Es geht nicht.\n\nMit freundlichen Grüßen', 'Jonas Keller\nKeller Cloud GmbH', 'Jonas Keller'],
    ['es', 'No funciona.\n\nUn saludo,', 'Marta', 'Marta Ruiz'],
    ['pl', 'Nie działa.\n\nPozdrawiam', 'Anna Nowak\nkierownik projektu', 'Anna Nowak'],
    ['id', 'Belum bisa.\n\nHormat kami,', 'Dewi Lestari\nKonsultan Zoho', 'Dewi Lestari'],
    ['ja', '印刷できません。\n\n以上、よろしくお願いいたします。', '佐藤', '佐藤 健'],
    ['zh', '无法导出。\n\n谢谢！', '李娜\n云伴科技有限公司', '李娜'],
    ['ko', '오류가 납니다.\n\n감사합니다.', '김지훈\n한빛소프트', '김지훈'],
    ['ru', 'Не работает.\n\nС уважением,', 'Игорь Власов\nруководитель проектов', 'Игорь Власов'],
    ['ar', 'لا يعمل.\n\nمع التحية،', 'سامي الحربي\nمدير المشاريع', 'سامي الحربي'],
    ['th', 'ใช้งานไม่ได้\n\nขอบคุณครับ', 'สมชาย วงศ์ดี', 'สมชาย วงศ์ดี'],
    ['tr', 'Çalışmıyor.\n\nİyi çalışmalar,', 'Elif Demir\nProje Yöneticisi', 'Elif Demir'],
    ['vi', 'Không được.\n\nTrân trọng,', 'Minh Anh', 'Trần Minh Anh'],
  ])('in %s', (_, above, signature, name) => {
    expect(fromRachel(`${above}\n${signature}`, 'Re: x', 'me@partner.example', name)).toBe(above);
  });
});

describe('lines behind ">" that are pasted', () => {
  const log = '> 2026-11-16 12:01 sync start\n> 2026-11-16 12:02 ERROR task 1182 not found';
  const quotation = 'On 3 Mar 2025 at 10:00, Zoho <z@b.example> wrote:\n> Which user?';

  it.each([
    ['a log', `The log says:\n\n${log}\n\nThen it stops.`],
    ['an answer in JSON', 'It prints this\n> {"code":"INTERNAL_ERROR"}\n> }\nfor all users.'],
    ['a stack trace', 'We see\n> TypeError: x is undefined\n>   at run (app.js:12:3)\nevery time.'],
    ['a prompt', 'We ran\n>>> print(org_id)\n> status: 500\nand no more.'],
  ])('are the writer’s: %s', (_, text) => {
    expect(fromRachel(text)).toBe(text);
    expect(fromRachel(`${text}\n\n${quotation}`)).toBe(text);
  });

  it.each([
    ['questions, without a line above them', 'Hello,\n> Which user?\nJane.', 'Hello,\nJane.'],
    ['what is below an attribution', `${quotation}\nJane.\n${log}\nYes.`, 'Jane.\nYes.'],
    ['prose', 'You wrote:\n> the layout was published\nIt was not.', 'You wrote:\nIt was not.'],
    ['a log among questions', `Hello,\n> Is this the log?\n${log}\nIt is.`, 'Hello,\nIt is.'],
  ])('are quoted: %s', (_, text, left) => {
    expect(fromRachel(text)).toBe(left);
  });
});

describe('history of other programs', () => {
  const old = 'From: Zoho <z@b.example>\nSent: Monday, 3 March 2025 10:00\nTo: Sam\nSubject: Request';
  const form = 'Customer email: jane@client.example\n\nZoho product name: Zoho Desk\nZUID:\n\nZoho Support';

  it('a form filled in below Outlook’s header block is new where the note above says so', () => {
    expect(fromRachel(`I filled it in below.\n\n${old}\n\n${form}`).replace(/\n+/g, '|')).toBe(
      'I filled it in below.|Customer email: jane@client.example|Zoho product name: Zoho Desk',
    );
    expect(fromRachel(`It works now.\n\n${old}\n\n${form}`)).toBe('It works now.');
    expect(fromRachel(`See below.\n\n${old}\n\nHello,\n\n${old}\n\n${form}`)).toBe('See below.');
  });

  it('"RES:" is an answer, "ENC:" a forward', () => {
    expect(fromRachel(`Bom dia\n\n${old}\n\nAntes.`, 'RES: Pedido')).toBe('Bom dia');
    expect(fromRachel(`Bom dia\n\n${old}\n\nAntes.`, 'ENC: Pedido')).toContain('Antes.');
  });

  it('Yandex, whose blockquote has no mark', () => {
    const html =
      '<div>New.</div><div>17.11.2026, 09:12, "Zoho" &lt;z@b.example&gt;:</div><blockquote><p>Old.</p></blockquote>';
    expect(fromHtml(html)).toBe('New.');
    expect(fromRachel('On 17.11.2026, 09:12 this went to Jane <jane@b.example>:\nno answer yet.')).toContain(
      'no answer',
    );
  });

  it.each([
    "Galaxy'imden gönderildi",
    'Enviado do meu Galaxy',
    'Obter o Outlook para iOS',
    '내 갤럭시에서 보냄',
    'Sent from Galaxy',
  ])('a telephone adds "%s"', (line) => {
    expect(fromRachel(`New.\n\n${line}`)).toBe('New.');
  });
});
