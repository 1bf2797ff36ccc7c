/** Nothing that a mail says becomes a header, a recipient or a line of ours: from its bytes to the bytes that the mail server gets. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSmtpSender } from '../../src/adapters/sender-smtp.ts';
import { type Instance, openInstance } from '../../src/ledger/leases.ts';
import type { MailSender, OutgoingMail } from '../../src/ports.ts';
import { sendReply } from '../../src/stages/send-reply.ts';
import { clockWorld, MONDAY } from '../support/clock-world.ts';
import { type SinkMessage, type SmtpSink, startSmtpSink } from '../support/smtp-sink.ts';

/** RFC 5322, 2.1.1. */
const LONGEST_LINE = 998;
const w = clockWorld();
let sink: SmtpSink;
let sender: MailSender;
let instance: Instance;

beforeAll(async () => {
  sink = await startSmtpSink();
  sender = createSmtpSender({ url: new URL(sink.url), login: null, find: async () => 'unknown' });
  instance = await openInstance(w.url);
});
afterAll(async () => {
  await instance?.close();
  await sender?.close();
  await sink?.stop();
});

/** Header fields as they came over the wire, unfolded; everything in them is printable ASCII. */
function headersOf({ raw }: SinkMessage): [name: string, value: string][] {
  const text = raw.toString('latin1');
  const head = text.slice(0, text.indexOf('\r\n\r\n'));
  for (const line of head.split('\r\n')) {
    expect(line).toMatch(/^[\x20-\x7e]+$/);
    expect(line.length).toBeLessThanOrEqual(LONGEST_LINE);
  }
  return head
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .map((field) => {
      const [, name = '', value = ''] = /^([A-Za-z-]+):\s*(.*)$/.exec(field) ?? [];
      expect(name, field).not.toBe('');
      return [name.toLowerCase(), value];
    });
}

const NAMES = [
  ...[
    'auto-submitted',
    'content-language',
    'content-type',
    'date',
    'from',
    'in-reply-to',
    'message-id',
    'mime-version',
  ],
  ...['precedence', 'references', 'subject', 'to', 'x-auto-response-suppress', 'x-partner-intake-loop'],
];
const EVIL = 'eve@evil.example';
/** What somebody would add; as it stands in a header, and as an encoded word hides it. */
const LINES = [`Bcc: ${EVIL}`, `X-Evil: yes`, `Content-Type: text/html`, '', '<script>alert(1)</script>'];
const q = (text: string) =>
  `=?utf-8?Q?${[...Buffer.from(text)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')}?=`;
const b = (text: string) => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
const breaks = ['\r\n', '\n', '\r', '\u2028', '\u0085', '\v', '\0\r\n', '\r\n '];

const hostile: [what: string, headers: Record<string, string>][] = [
  ...breaks.flatMap((cut): [string, Record<string, string>][] => {
    const value = ['Totals', ...LINES].join(cut);
    const shown = JSON.stringify(cut);
    return [
      [`subject with ${shown} in an encoded word (Q)`, { Subject: q(value) }],
      [`subject with ${shown} in an encoded word (B)`, { Subject: b(value) }],
      [`display name with ${shown} in an encoded word`, { From: `${b(value)} <agent@sender.example>` }],
      [`message id with ${shown} in an encoded word`, { 'Message-ID': `<${b(value)}@mail.example>` }],
    ];
  }),
  ['subject that spells an encoded word', { Subject: b(q(`Totals\r\nBcc: ${EVIL}`)) }],
  ['subject with a NUL and a bell', { Subject: 'Totals\0\u0007 are wrong' }],
  ['a very long subject', { Subject: 'Totals '.repeat(3_000) }],
  ['a very long subject of one word', { Subject: 'T'.repeat(20_000) }],
  ['a subject that is no UTF-8', { Subject: '=?utf-8?Q?=FF=FE=0D=0ABcc:?=' }],
  ['a message id without an end', { 'Message-ID': `<never@mail.example\r\n Bcc: ${EVIL}` }],
  ['a message id with spaces and quotes', { 'Message-ID': `<"a b"@mail.example> Bcc: ${EVIL}` }],
  ['a very long message id', { 'Message-ID': `<${'m'.repeat(3_000)}@mail.example>` }],
  [
    'references that never end',
    { References: Array.from({ length: 500 }, (_, n) => `<r${n}@mail.example>`).join(' ') },
  ],
  [
    'references with an encoded word',
    { References: `<a@mail.example> ${q(`\r\nBcc: ${EVIL}`)} <${b('\r\nX-Evil: 1')}@b>` },
  ],
  ['references of one long id', { References: `<${'r'.repeat(5_000)}@mail.example>` }],
  ['Reply-To', { 'Reply-To': `${b(`x\r\nBcc: ${EVIL}`)} <${EVIL}>, ${EVIL}` }],
  ['a display name that is an address', { From: `"${EVIL}" <agent@sender.example>` }],
  ['a display name that ends the quotation', { From: `"Agent\\" <${EVIL}>, \\"x" <agent@sender.example>` }],
  ['an encoded word that is an address', { From: `${b(`<${EVIL}>`)} <agent@sender.example>` }],
];

/** Nothing but headers is tried here: nobody has had enough. */
function patient() {
  const { policy } = w.ctx;
  const outbound = { ...policy.outbound, ...{ maxRepliesPerRecipientAndDay: 1_000, maxRepliesPerDomainAndDay: 1_000 } };
  const hours = { maxMailsPerMailboxAndHour: 1_000, maxMailsPerHour: 1_000, storm: { replies: 1_000, minutes: 10 } };
  return {
    ...w.at(MONDAY),
    policy: { ...policy, outbound: { ...outbound, ...hours } },
    senders: { com: sender, eu: sender },
  };
}

/** What the partner gets in answer to a mail with these headers, and what we meant to say. */
async function answered(
  index: number,
  over: Record<string, string>,
): Promise<{ sent: SinkMessage; message: OutgoingMail }> {
  const headers = {
    From: 'Agent <agent@sender.example>',
    To: 'partner-support@zohocorp.com',
    Subject: 'Totals',
    'Message-ID': `<one-${index}@mail.example>`,
    Date: 'Mon, 2 Mar 2026 14:00:00 +0000',
    ...over,
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const body = [
    'Customer email address: someone@nowhere.example',
    'Zoho product name: Zoho CRM',
    `Total ${index} is wrong.`,
  ];
  const ctx = patient();
  const ticket = await w.receive(`hostile-${index}`, [...head, '', ...body, ''].join('\r\n'), MONDAY, ctx);
  const [reply] = await w.query<{ id: number; message: OutgoingMail }>(
    `select id, message from reply where ticket_id = ${ticket}`,
  );
  if (!reply) throw new Error('there is no reply');
  const before = sink.messages.length;
  await sendReply(ctx, reply.id, instance.id);
  const [sent] = sink.messages.slice(before);
  if (!sent) throw new Error('nothing was sent');
  return { sent, message: reply.message };
}

it('a reply has the headers that we wrote, each once, whatever it answers', async () => {
  for (const [index, [what, over]] of hostile.entries()) {
    const { sent, message } = await answered(index, over);
    const got = headersOf(sent);
    const left = [
      ...(message.inReplyTo ? [] : ['in-reply-to']),
      ...(message.references.length > 0 ? [] : ['references']),
    ];
    expect(got.map(([name]) => name).toSorted(), what).toEqual(NAMES.filter((name) => !left.includes(name)));
    expect(sent.envelope, what).toEqual({ from: 'partner-support@zohocorp.com', to: ['agent@sender.example'] });
    expect(Object.fromEntries(got), what).toMatchObject({
      from: 'Zoho Partner Support <partner-support@zohocorp.com>',
      to: 'agent@sender.example',
      'message-id': message.messageId,
      'auto-submitted': 'auto-replied',
      precedence: 'auto_reply',
      'content-language': 'en',
      'x-auto-response-suppress': 'All',
      'x-partner-intake-loop': expect.stringMatching(/^P-\d+$/),
      'content-type': expect.stringMatching(/^multipart\/alternative; boundary="[^"]+"$/),
    });
    // What a mail program decodes is one line too.
    expect(sent.parsed.subject, what).toBe(message.subject);
    expect(sent.parsed.subject, what).toMatch(/^Re: [^\p{Cc}\u2028\u2029]* \[P-\d+\]$/u);
    expect([sent.parsed.references ?? []].flat(), what).toEqual(message.references);
    expect(sent.parsed.inReplyTo ?? null, what).toBe(message.inReplyTo);
    expect(sent.parsed.html, what).not.toContain('<script>alert');
  }
});

describe('the last gate, whatever was composed:', () => {
  const cut = `x\r\nBcc: ${EVIL}\r\n\r\nbody\0`;
  const mail: OutgoingMail = {
    ...{
      messageId: '<pi.1.1001.a@vendor.example>',
      from: '"Support" <support@vendor.example>',
      to: 'agent@sender.example',
    },
    ...{
      subject: 'Re: Totals',
      text: 'text',
      html: '<p>text</p>',
      inReplyTo: '<one@mail.example>',
      references: ['<one@mail.example>'],
    },
    headers: { 'X-Partner-Intake-Loop': 'P-1001' },
  };
  it.each<[what: string, over: Partial<OutgoingMail>]>([
    ['subject', { subject: cut }],
    ['messageId', { messageId: `<${cut}@vendor.example>` }],
    ['from', { from: `"${cut}" <support@vendor.example>` }],
    ['inReplyTo', { inReplyTo: `<${cut}>` }],
    ['references', { references: [`<${cut}>`, `<b>\r\nBcc: ${EVIL}`] }],
    ['headers', { headers: { 'X-Partner-Intake-Loop': cut, Precedence: `bulk\n\nBcc: ${EVIL}` } }],
    ['a header name', { headers: { [`X-A\r\nBcc: ${EVIL}\r\nX-B`]: 'x' } }],
  ])('%s', async (_, over) => {
    const before = sink.messages.length;
    await sender.send({ ...mail, ...over });
    const [sent] = sink.messages.slice(before);
    if (!sent) throw new Error('nothing was sent');
    expect(headersOf(sent).map(([name]) => name)).not.toContain('bcc');
    expect(sent.envelope.to).toEqual(['agent@sender.example']);
  });

  it.each<[what: string, over: Partial<OutgoingMail>]>([
    ['two recipients', { to: `agent@sender.example, ${EVIL}` }],
    ['a recipient with a line end', { to: `agent@sender.example\r\nRCPT TO:<${EVIL}>` }],
    ['a recipient with a name', { to: `"${EVIL}" <agent@sender.example>` }],
    ['no recipient', { to: '' }],
    ['an answer to a stranger', { replyTo: `support@vendor.example, ${EVIL}` }],
  ])('%s is not sent', async (_, over) => {
    const before = sink.messages.length;
    await expect(sender.send({ ...mail, ...over })).rejects.toMatchObject({
      verdict: 'permanent',
      code: 'unsafe-address',
    });
    expect(sink.messages.length).toBe(before);
  });
});
