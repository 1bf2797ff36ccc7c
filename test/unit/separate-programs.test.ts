/** Replies as mail programs really write them, in the 17 languages of the support page. */
import { describe, expect, it } from 'vitest';
import { fromHtml, fromRachel, fromText } from '../support/separation.ts';

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
