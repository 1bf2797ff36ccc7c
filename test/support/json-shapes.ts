/** What the commands print as JSON, key for key as INTERFACES has it: others script against it. */
import { expect } from 'vitest';
import { type Environment, run } from './daemon.ts';

export const TICKET_KEYS = [
  ...['createdAt', 'deadlines', 'from', 'mailboxes', 'messageId', 'number', 'partner', 'priorityCustomer'],
  ...['provisional', 'region', 'replies', 'requestNature', 'severity', 'status', 'subject', 'superadminEmail'],
];
export const SHOWN_TICKET_KEYS = [...TICKET_KEYS, 'clock', 'decision', 'enquiry', 'history', 'mails'].sort();
export const REPLY_KEYS = ['kind', 'messageId', 'state', 'to'];
export const HISTORY_KEYS = ['at', 'because', 'by', 'what'];
export const ENQUIRY_KEYS = ['fields', 'language', 'template'];
export const DECISION_KEYS = [
  ...['account', 'country', 'deadlines', 'directory', 'escalationOffered', 'mailbox', 'missing', 'partner', 'policy'],
  ...['priorityCustomer', 'provisional', 'reasons', 'region', 'regionFrom', 'reply', 'requestNature', 'severity'],
  ...['slaApplies', 'tags', 'threshold', 'workingTime'],
];
export const AUDIT_KEYS = [
  ...['appended', 'inFlight', 'mails', 'problems', 'quarantined', 'suppressed', 'ticketed', 'unexplained'],
];

export const keysOf = (value: object | null | undefined): string[] => Object.keys(value ?? {}).sort();

export type TicketJson = {
  number: string;
  messageId: string;
  severity: string | null;
  superadminEmail: string | null;
  provisional: boolean;
  priorityCustomer: boolean;
  replies: { kind: string; to: string; state: string; messageId: string }[];
};
export type ShownTicketJson = TicketJson & {
  history: { at: string; by: string; what: string; because: string }[];
  mails: string[];
  enquiry: { fields: Record<string, { value: string; confidence: number }> };
  decision: { missing: string[]; reply: string | null; reasons: { rule: string; because: string }[] };
};

/** `tickets --json`, which has to succeed. */
export async function ticketsOf(env: Environment, ...args: string[]): Promise<TicketJson[]> {
  const listed = await run(['tickets', '--json', ...args], env);
  expect(listed).toMatchObject({ code: 0, stderr: '' });
  return listed.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as TicketJson);
}

/** `ticket NUMBER --json`, which has to succeed. */
export async function ticketOf(env: Environment, number: string): Promise<ShownTicketJson> {
  const shown = await run(['ticket', number, '--json'], env);
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(shown.stdout) as ShownTicketJson;
}
