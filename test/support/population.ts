/** Mails with a known end: what the daemon must make of each is decided here, by construction, not by running it. */
import type { MailboxName, MailState, ReplyKind, Severity } from '../../src/model.ts';

export type Expected = {
  readonly messageId: string;
  readonly state: MailState;
  readonly severity: Severity | null;
  readonly priorityCustomer: boolean;
  readonly reply: ReplyKind | null;
  readonly mailboxes: readonly MailboxName[];
};
export type Message = { readonly mailbox: MailboxName; readonly raw: string };
export type Population = { readonly messages: readonly Message[]; readonly expected: readonly Expected[] };

export const LICENCES = `superadmin_email,domain,organisation,zoid,country,region,service,zgid,zuids,licences,status
owner@large.example,large.example,Large Ltd,650000001,IN,,Zoho CRM,650000002,650000003 650000004,120,active
owner@small.example,small.example,Small GmbH,650000011,DE,,Zoho Desk,650000012,650000013,59,active
owner@found.example,found.example,Found SA,650000021,BR,,Zoho Books,650000022,650000023,20,active
`;
export const PARTNERS = `domain,name,tier,country,region,language,contract,account_manager
reseller.example,Reseller,premium,IN,,en,valid,manager@zoho.example
`;

type Scenario = (n: number) => {
  headers?: string[];
  lines: string[];
  expected: Omit<Expected, 'messageId' | 'mailboxes'>;
};

const ticket = (
  severity: Severity | null,
  priorityCustomer: boolean,
  reply: ReplyKind | null,
): Omit<Expected, 'messageId' | 'mailboxes'> => ({
  state: 'ticketed',
  severity,
  priorityCustomer,
  reply,
});
const template = (n: number, ...extra: string[]): string[] => [
  'Dear team,',
  '',
  'Type of support request: Technical Support',
  'Zoho product name: Zoho CRM',
  ...extra,
  `Description of the issue/question: Report ${n} shows wrong results since this morning.`,
  'Troubleshooting steps performed: reloaded the page',
  '',
  'Kind regards,',
  `Partner ${n}`,
];

const scenarios: readonly Scenario[] = [
  (n) => ({
    lines: template(n, 'SuperAdmin Email Address of the Account: owner@large.example'),
    expected: ticket('S1', true, null),
  }),
  (n) => ({
    lines: template(n, 'SuperAdmin Email Address of the Account: owner@small.example'),
    expected: ticket('S2', false, null),
  }),
  (n) => ({
    lines: template(n, `Customer email address: someone@nowhere${n}.example`),
    expected: ticket('S2', false, 'missing-superadmin-ask'),
  }),
  (n) => ({ lines: template(n, 'ZOID: 650000021'), expected: ticket('S2', false, 'missing-superadmin-note') }),
  (n) => ({
    lines: template(n, `Super admin email: nobody${n}@unknown.example`),
    expected: ticket('S2', false, 'superadmin-unknown'),
  }),
  (n) => ({
    lines: template(n, `Customer email address: someone@elsewhere${n}.example`),
    expected: ticket('S2', false, 'missing-superadmin-ask'),
  }),
  (n) => ({
    lines: template(n, 'Customer email address: user@large.example'),
    expected: ticket('S1', true, 'missing-superadmin-note'),
  }),
  () => ({
    headers: ['Auto-Submitted: auto-replied'],
    lines: ['I am out of the office.'],
    expected: { state: 'suppressed', severity: null, priorityCustomer: false, reply: null },
  }),
  (n) => ({
    lines: template(n, 'SuperAdmin Email Address of the Account: owner@large.example'),
    expected: ticket('S1', true, null),
  }),
  (n) => ({ lines: template(n), expected: ticket('S2', false, 'missing-superadmin-ask') }),
];
/** Every so many mails one lies in both inboxes. */
const BOTH_EVERY = 25;

/** `count` mails over both inboxes, the same every time but for the date; with `answered` each of them calls for a reply. */
export function populate(count: number, { date = new Date(), answered = false } = {}): Population {
  const chosen = answered ? scenarios.filter((scenario) => scenario(0).expected.reply !== null) : scenarios;
  const messages: Message[] = [];
  const expected: Expected[] = [];
  for (let n = 0; n < count; n += 1) {
    const { headers = [], lines, expected: end } = (chosen[n % chosen.length] as Scenario)(n);
    const messageId = `<m${n}@sender${n}.example>`;
    const mailbox: MailboxName = n % 3 === 0 ? 'eu' : 'com';
    const both = n % BOTH_EVERY === 0;
    const raw = (to: MailboxName): string =>
      [
        `Received: from mx.${to}.example by store.${to}.example; ${date.toUTCString()}`,
        `From: Partner ${n} <agent@sender${n}.example>`,
        `To: partner-support@${to === 'eu' ? 'eu.' : ''}zohocorp.com`,
        `Subject: Request number ${n}`,
        `Message-ID: ${messageId}`,
        `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
        'MIME-Version: 1.0',
        'Content-Type: text/plain; charset=utf-8',
        ...headers,
        '',
        ...lines,
        '',
      ].join('\r\n');
    const boxes: MailboxName[] = both ? ['com', 'eu'] : [mailbox];
    for (const box of boxes)
      messages.push({
        mailbox: box,
        raw: raw(box).replace(/^To: .*$/m, `To: partner-support@${mailbox === 'eu' ? 'eu.' : ''}zohocorp.com`),
      });
    expected.push({ messageId, ...end, mailboxes: boxes });
  }
  return { messages, expected };
}
