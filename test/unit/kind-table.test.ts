/** Mail of people that looks automatic, and automatic mail that looks like a person's. */
import { expect, it } from 'vitest';
import type { MailKind } from '../../src/model.ts';
import { parseMail } from '../../src/pipeline/mail/parse.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(new URL('../../policy', import.meta.url).pathname);
const TEMPLATE = 'Customer email: jane@client.example\nZoho product name: Zoho Mail\nZOID: 76006415';
type Case = [headers: Record<string, string>, body?: string];

async function kindOf([headers, body = 'The reports do not load.']: Case): Promise<MailKind> {
  const all = {
    From: 'Sam Lee <sam@partner.example>',
    Subject: 'Request',
    'Return-Path': '<sam@partner.example>',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${encoded(name, value)}`);
  return (await parseMail(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`), policy)).mail.kind;
}
const encoded = (name: string, value: string) =>
  name === 'Subject' ? `=?utf-8?B?${Buffer.from(value).toString('base64')}?=` : value;

const people: Case[] = [
  [{ 'Auto-Submitted': 'no' }],
  [{ 'Auto-Submitted': 'No' }],
  [{ 'Auto-Submitted': 'no; owner-email="x"' }],
  [{ 'Auto-Submitted': '' }],
  [{ 'X-Auto-Response-Suppress': 'All' }],
  [{ 'X-Auto-Response-Suppress': 'DR, OOF, AutoReply' }],
  [{ Precedence: 'first-class' }],
  [{ Precedence: 'normal' }],
  [{ Precedence: 'urgent', Importance: 'high', 'X-Priority': '1' }],
  [{ 'X-Autoreply': 'no' }],
  [{ 'X-Autorespond': 'false' }],
  [{ 'X-Loop': 'no' }],
  [{ 'Return-Path': '<bounces+1042-sam=partner.example@mail.partner.example>' }],
  [{ 'Return-Path': '<prvs=0123456789=sam@partner.example>' }],
  [{ Sender: 'mailer-daemon@partner.example' }],
  [{ 'Reply-To': 'no-reply@partner.example' }],
  [{ From: 'no-reply@partner.example', 'Reply-To': 'sam@partner.example' }],
  [{ From: 'noreply@partner.example' }, TEMPLATE],
  [{ From: 'Postmaster <postmaster@partner.example>' }, TEMPLATE],
  [{ From: '"Mail Delivery System" <sam@partner.example>' }],
  [{ From: '"MAILER-DAEMON" <sam@partner.example>' }],
  [{ From: 'daemon@partner.example' }],
  [{ From: 'postmasters@partner.example' }],
  [{ From: 'vacation@travel.example' }],
  [{ 'Disposition-Notification-To': 'sam@partner.example' }],
  [{ 'X-MS-Exchange-Inbox-Rules-Loop': 'sam@partner.example' }],
  [{ 'Feedback-ID': '1:2:3', 'X-Mailer': 'Zoho CRM' }],
  [{ 'List-Id': 'Support team <support.partner.example>' }, TEMPLATE],
  [{ 'List-Unsubscribe': '<https://crm.partner.example/u>' }, TEMPLATE],
  [{ Precedence: 'list' }, TEMPLATE],
  [{ Subject: 'Out of office replies are not sent in Zoho Mail' }],
  [{ Subject: 'Out of office messages fail since yesterday' }],
  [{ Subject: 'Automatic reply' }, TEMPLATE],
  [{ Subject: 'Re: Automatic reply: Request' }],
  [{ Subject: 'Respuesta automática no funciona en Zoho Desk' }],
  [{ Subject: 'Customer sees: Automatic reply' }],
  [{ Subject: 'Undelivered mail at our customer' }],
  [{ Subject: 'Undeliverable' }, 'Our customer gets this answer to every mail. Can you look?'],
  [{ Subject: 'FW: Undelivered Mail Returned to Sender' }, 'See below.\n\nThis is the mail system at host mx.example.'],
  [{ Subject: 'Delivery Status Notification (Failure)' }, 'Why does Zoho Mail send this to our customer?'],
  [
    { 'Content-Type': 'multipart/mixed; boundary=b' },
    '--b\r\n\r\nA bounce is attached.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nStatus: 5.1.1\r\n--b--',
  ],
  [{ Subject: 'Vacation module in Zoho People' }],
  [{ Subject: 'Newsletter: unsubscribe link is missing' }],
  [
    { 'In-Reply-To': '<a@b.example>' },
    'I am out of the office tomorrow, so please answer today: can we move the Zoho Desk upgrade?',
  ],
  [{}, 'I am on leave from Monday. The customer cannot log in.'],
  [{ 'In-Reply-To': '<a@b.example>' }, 'owner@client.example'],
  ...[
    ['Abwesenheitsnotiz wird nicht gesendet', 'Bei unserem Kunden wird sie seit Montag nicht gesendet.'],
    ['Abwesenheitsnotiz: Versand', 'Wie schaltet der Kunde sie für alle ein?'],
    ['Out of office replies fail', 'The customer is out of the office and gets no copy. Admin: owner@client.example'],
    ['Réponse automatique absente', 'Le client ne la reçoit pas. Pouvez-vous vérifier ?'],
    ['Respuesta automática duplicada', 'Llega dos veces al cliente. Superadministrador: jefe@client.example'],
    ['自動返信が送信されない', 'お客様の環境で自動返信が送信されません。'],
    ['Автоответ не приходит', 'У клиента автоответ не приходит внешним адресатам.'],
    ['Autosvar skickas inte', 'Kunden får inga autosvar.'],
  ].map(
    ([subject, body]): Case => [{ Subject: subject ?? '', 'X-Auto-Response-Suppress': 'OOF, AutoReply' }, body ?? ''],
  ),
  [{ Subject: 'Out of office: not working in Zoho Mail' }, 'Our customer cannot activate it, the button is grey.'],
  [{ Subject: 'OOO: the calendar does not show it' }, 'The customer sees nothing in Zoho Calendar.'],
  [{ Subject: 'Out of office replies fail', References: '<a@b.example>' }, 'They worked until Monday.'],
  [{ Subject: 'Auto response rules' }, 'They do not fire in Zoho Desk.'],
  [{ Subject: 'Out of office since 5 May' }, 'The customer set it and it is not sent.'],
  [{ Subject: 'AUTO: insurance quote form' }, 'The form for car insurance does not save.'],
  ...[
    'I will get back to you once the customer confirms. The super admin is owner@client.example.',
    'For urgent matters I would like a call, the customer cannot work.',
    'Ich bin im Urlaub, aber der Kunde fragt: wann wird es behoben?',
    'Je suis en congé demain. Le super administrateur est patron@client.example.',
    'Estaré fuera de la oficina el lunes, ¿pueden llamarme hoy?',
    'Вернусь с ответом завтра.',
    'Wracam do tematu: błąd nadal występuje.',
    'The customer says: "I am out of the office". It is sent twice by Zoho Mail.',
    '休暇の設定が保存できません。',
    'Yes, it still fails for the customer.\nI am out of the office from tomorrow.',
    'Still broken, the customer cannot work.\nI am out of the office on Friday.',
    'I am on vacation until Monday. Please keep the ticket open and retry the import with the file I sent.',
    'Gracias, sigue fallando la sincronización.\nEstaré de vacaciones la próxima semana.',
    'Thanks but it still fails.\nI am out of the office tomorrow.',
    'Hi nothing works.\nI am out of the office tomorrow.',
    'Ich bin im Urlaub. Der Fehler tritt beim Kunden weiterhin auf.',
    'Je suis en congé demain, mais le client ne peut toujours pas ouvrir ses factures.',
    'I am out of the office tomorrow and the import still fails for every user that they added.',
    'ZOID 76006415\nI am out of the office tomorrow.',
    '請假設定仍然無法儲存。我目前不在办公室。',
  ].map((body): Case => [{ Subject: 'Re: Request', 'In-Reply-To': '<a@b.example>' }, body]),
];

const machines: [MailKind, ...Case][] = [
  ['auto-reply', { 'Auto-Submitted': 'auto-replied' }],
  ['auto-reply', { 'Auto-Submitted': 'auto-generated' }, TEMPLATE],
  ['auto-reply', { 'Auto-Submitted': 'AUTO-REPLIED (vacation)' }],
  ['auto-reply', { 'Auto-Submitted': 'auto-notified; owner-email="sam@partner.example"' }],
  ['auto-reply', { 'Auto-Submitted': 'yes' }],
  ['auto-reply', { 'X-Autoreply': 'yes' }],
  ['auto-reply', { 'X-Autoreply-From': 'sam@partner.example' }],
  ['auto-reply', { 'X-Mail-Autoreply': 'true' }],
  ['auto-reply', { 'X-Autorespond': 'Re: Request' }],
  ['auto-reply', { 'X-Autoresponder': 'yes' }],
  ['auto-reply', { 'X-Autogenerated': 'Reply' }],
  ['auto-reply', { 'X-Loop': 'sam@partner.example' }],
  ['auto-reply', { 'X-FC-MachineGenerated': 'true' }],
  ['auto-reply', { 'X-AMAZON-MAIL-RELAY-TYPE': 'notification' }],
  ['auto-reply', { 'X-POST-MessageClass': '9; Autoresponder' }],
  ['auto-reply', { Precedence: 'auto_reply' }],
  ['auto-reply', { Precedence: 'auto-reply' }],
  ['auto-reply', { From: 'no-reply@partner.example', 'X-Auto-Response-Suppress': 'All' }],
  ['auto-reply', { From: 'do_not_reply@partner.example', 'X-Auto-Response-Suppress': 'OOF' }],
  ['auto-reply', { Subject: 'Automatic reply: Re: Request', 'In-Reply-To': '<a@b.example>' }],
  ['auto-reply', { Subject: 'Respuesta automática: Solicitud', 'In-Reply-To': '<a@b.example>' }],
  ['auto-reply', { Subject: 'Abwesenheitsnotiz: Anfrage', 'In-Reply-To': '<a@b.example>' }],
  ['auto-reply', { Subject: 'Réponse automatique : Demande', 'In-Reply-To': '<a@b.example>' }],
  ['auto-reply', { Subject: 'Resposta automática: Pedido', 'In-Reply-To': '<a@b.example>' }],
  ['auto-reply', { Subject: 'رد تلقائي: طلب', 'In-Reply-To': '<a@b.example>' }],
  ['auto-reply', { Subject: 'Trả lời tự động: Yêu cầu', 'In-Reply-To': '<a@b.example>' }],
  ['auto-reply', { Subject: 'Out of office', 'In-Reply-To': '<a@b.example>' }],
  ['auto-reply', { Subject: 'Out of office until 5 May' }, 'I am on leave. Regards, Sam'],
  ['auto-reply', { Subject: 'Out of the office for some days', 'In-Reply-To': '<a@b.example>' }, 'Hello!'],
  [
    'auto-reply',
    { Subject: 'Re: Request', 'In-Reply-To': '<a@b.example>' },
    'Hello,\n\nI am out of the office until Monday.\n\nSam',
  ],
  [
    'auto-reply',
    { Subject: 'Re: Request', References: '<a@b.example>' },
    'Ich bin nicht im Büro und antworte ab Montag.',
  ],
  [
    'auto-reply',
    { Subject: 'AUTO: Sam Lee is out of the office (returning 03/05/2025)', 'In-Reply-To': '<a@b.example>' },
    'I am out of the office until 03/05/2025.\n\nNote: This is an automated response to your message "Zoho CRM" sent on 1 March.',
  ],
  [
    'auto-reply',
    { Subject: 'AUTO: Sam Lee est absent(e) (retour le 05/03/2025)', 'In-Reply-To': '<a@b.example>' },
    'Je serai de retour le 05/03/2025.',
  ],
  ...[
    'Thank you for your mail.\n\nI am from 3 to 7 March out of the office. For urgent matters call our Zoho team, +44 20 7946 0102.',
    'Dear sender,\n\nI am OOO until 5 May. Best regards,\nSam',
    'Hello,\nThank you for your message. I am currently on annual leave. I will be back on 5 May.\nKind regards',
    'Guten Tag,\nich bin vom 3. bis 7. März nicht im Büro. In dringenden Fällen: zentrale@partner.example',
    'Bonjour,\nJe suis actuellement absente et serai de retour le 7 mars.',
    'Estaré del 3 al 7 de marzo fuera de la oficina. Responderé a mi regreso.',
    'Estou ausente até 7 de março. Em caso de urgência, contacte geral@partner.example.',
    'Sono fuori ufficio fino al 7 marzo. Per urgenze: info@partner.example',
    'Ik ben momenteel afwezig. Na mijn terugkeer beantwoord ik uw bericht.',
    'Obecnie jestem na urlopie. Odpowiem po powrocie.',
    'Сейчас я в отпуске до 7 марта. По срочным вопросам звоните в офис.',
    'Jag är på semester till 7 mars. Vid brådskande ärenden ring växeln.',
    'Şu anda yıllık izindeyim. Acil durumlarda santrali arayın.',
    'Saat ini saya sedang cuti. Saya akan kembali pada 7 Maret.',
    'Hiện tôi đang nghỉ phép. Tôi sẽ quay lại ngày 7/3.',
    'ขณะนี้ดิฉันไม่อยู่ที่สำนักงาน จะกลับมาทำงานวันที่ 7 มีนาคม',
    '현재 휴가 중입니다. 복귀 후 회신드리겠습니다.',
    '3月7日まで休暇をいただいております。お急ぎの場合は代表電話へお願いします。',
    '我目前不在办公室，如有急事请致电前台。',
    'أنا حاليا خارج المكتب. للأمور العاجلة يرجى الاتصال بالمكتب.',
  ].map((body): [MailKind, ...Case] => [
    'auto-reply',
    { Subject: 'Re: Request', 'In-Reply-To': '<a@b.example>' },
    body,
  ]),
  ['auto-reply', { Subject: 'OOO: Your ticket' }, 'I am OOO until 5 May and will answer then.'],
  ['auto-reply', { Subject: 'OOO' }, 'I am OOO until 5 May. For urgent matters call +44 20 7946 0102.'],
  ['auto-reply', { Subject: 'Auto Response: Your ticket', 'In-Reply-To': '<a@b.example>' }, 'We got your message.'],
  ['auto-reply', { Subject: 'Auto-Response: Your ticket' }, 'I am out of the office until Monday.'],
  ['auto-reply', { Subject: 'Out of office: Request' }, 'I am out of the office until Monday, back on Tuesday.'],
  ['auto-reply', { 'Return-Path': '<>', 'Auto-Submitted': 'auto-replied' }],
  ['auto-reply', { 'Return-Path': '<>', Subject: 'Automatic reply: Request' }],
  ['auto-reply', { 'Content-Type': 'multipart/report; report-type=disposition-notification; boundary=b' }],
  ['auto-reply', { 'Content-Type': 'multipart/report; report-type=feedback-report; boundary=b' }],
  [
    'auto-reply',
    { 'Content-Type': 'text/calendar; method=REPLY' },
    'BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT',
  ],
  ['bounce', { 'Return-Path': '<>' }],
  ['bounce', { 'Return-Path': ' < > ' }],
  ['bounce', { From: 'MAILER-DAEMON (Mail Delivery Subsystem)' }],
  ['bounce', { From: 'Mail Delivery <mailer-daemon@partner.example>' }, TEMPLATE],
  ['bounce', { From: 'mailerdaemon@partner.example' }],
  ['bounce', { From: 'postmaster@partner.example' }],
  ['bounce', { From: 'postmaster@partner.example', 'Return-Path': '<>' }, TEMPLATE],
  ['bounce', { 'X-Failed-Recipients': 'a@b.example' }],
  ['bounce', { 'Content-Type': 'multipart/report; boundary=b' }],
  ['bounce', { 'Content-Type': 'message/delivery-status' }],
  ['bounce', { Subject: 'failure notice' }, 'Hi. This is the qmail-send program at mx.example.\n<a@b.example>: 550'],
  [
    'bounce',
    { Subject: 'Undeliverable: Request' },
    'Your message did not reach some or all of the intended recipients.',
  ],
  ['list', { 'List-Id': '<news.partner.example>' }],
  ['list', { 'List-Unsubscribe': '<mailto:x@partner.example>' }],
  ['list', { 'List-Post': '<mailto:x@partner.example>' }],
  ['list', { Precedence: 'bulk' }, TEMPLATE],
  ['list', { Precedence: 'junk' }],
  ['list', { Precedence: 'list' }],
  ['own', { From: 'Zoho <partner-support@zohocorp.com>' }, TEMPLATE],
  ['own', { From: 'partner-support@EU.zohocorp.com' }],
  ['own', { 'X-Partner-Intake-Loop': '1', 'Auto-Submitted': 'auto-replied' }, TEMPLATE],
];

it('the tables are long enough to mean something', () => {
  expect(Math.min(people.length, machines.length)).toBeGreaterThanOrEqual(40);
});

it.each(people)('a person: %j %j', async (...entry) => {
  expect(await kindOf(entry)).toBe('request');
});

it.each(machines)('%s: %j %j', async (kind, ...entry) => {
  expect(await kindOf(entry)).toBe(kind);
});
