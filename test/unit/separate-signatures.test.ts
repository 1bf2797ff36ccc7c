/** Signatures, marked and unmarked, and pasted lines: told from what the writer says, and from answers in them. */
import { describe, expect, it } from 'vitest';
import { fromHtml, fromRachel, fromText } from '../support/separation.ts';

const NEW = 'owner@client.example';

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

describe('business cards without a sign-off', () => {
  const said = 'Customer email: boss@client.example\nDescription: The import fails.';
  const phone = 'Tel. +49 30 1234567';

  it.each([
    ['shared', `Partner Solutions GmbH\nHauptstr. 5, 10115 Berlin\n${phone}\nwww.partner.example`, 'Support'],
    [
      'of more than the From header says',
      `Ann Smith\nSenior Consultant | Partner Ltd\n${phone}\nwww.partner.example`,
      'Ann',
    ],
    ['by an address of the company', `Ann Smith\nHead of Support\n${phone}\nann@partner.example`, ''],
    ['in two parts', `Ann\n\nPartner Solutions GmbH\n${phone}\nhttps://www.partner.example/`, 'Ann'],
  ])('%s', (_, card, name) => {
    expect(fromRachel(`${said}\n\n${card}`, 'Request', 'info@partner.example', name)).toBe(said);
  });

  it.each([
    ['links', 'Import Log\nhttps://crm.client.example/log\nhttps://crm.client.example/file'],
    ['what was asked for', `The client is:\n\nClient Ltd\n${phone}\nwww.client.example`],
    ['a sentence among the lines', `It fails for all of our users\n${phone}\nwww.client.example`],
    ['a telephone number alone', `Please call us back\n${phone}`],
    ['a label with its value', `Partner Solutions GmbH\nZOID: 76006415\n${phone}\nwww.partner.example`],
  ])('but not %s', (_, text) => {
    expect(fromRachel(`${said}\n\n${text}`, 'Request', 'sam@gmail.com', 'Sam Lee')).toContain(text);
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
