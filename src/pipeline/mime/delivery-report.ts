/** What a delivery report says about the mail that failed (RFC 3464), and its copy's Message-ID. */
import { messageIdsIn } from '../mail/message-ids.ts';

export type DeliveryReport = {
  readonly recipient: string | null;
  readonly status: string | null;
  readonly diagnostic: string | null;
  readonly action: string | null;
  readonly originalMessageId: string | null;
};

const NOTHING: DeliveryReport = {
  recipient: null,
  status: null,
  diagnostic: null,
  action: null,
  originalMessageId: null,
};
/** A report on a mail to thousands names them all; the first that failed tells enough. */
const MAX_LENGTH = 64_000;
const LONGEST_DIAGNOSTIC = 500;

/** Adds what one part of a report says to what is known. */
export function readReport(type: string, text: string, known: DeliveryReport | null): DeliveryReport {
  const before = known ?? NOTHING;
  const groups = groupsOf(text.slice(0, MAX_LENGTH));
  if (type === 'text/rfc822-headers') {
    const id = groups[0]?.get('message-id');
    return { ...before, originalMessageId: before.originalMessageId ?? (id ? (messageIdsIn(id)[0] ?? null) : null) };
  }
  const recipients = groups.filter((group) => group.has('final-recipient') || group.has('original-recipient'));
  const failed = recipients.find((group) => /^failed/i.test(group.get('action') ?? '')) ?? recipients[0];
  if (!failed) return before;
  const recipient = addressOf(failed.get('original-recipient')) ?? addressOf(failed.get('final-recipient'));
  return {
    recipient: before.recipient ?? recipient,
    status: before.status ?? /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(failed.get('status') ?? '')?.[0] ?? null,
    diagnostic: before.diagnostic ?? typed(failed.get('diagnostic-code')),
    action: before.action ?? /^[a-z]{1,20}/.exec((failed.get('action') ?? '').toLowerCase())?.[0] ?? null,
    originalMessageId: before.originalMessageId,
  };
}

/** Header fields by group; groups stand apart by blank lines. */
function groupsOf(text: string): Map<string, string>[] {
  const groups: Map<string, string>[] = [new Map()];
  let name = '';
  for (const line of text.split('\n')) {
    const group = groups[groups.length - 1] as Map<string, string>;
    const colon = line.indexOf(':');
    if (line.trim() === '') {
      if (group.size > 0) groups.push(new Map());
    } else if (/^[ \t]/.test(line)) {
      if (name !== '') group.set(name, `${group.get(name) ?? ''} ${line.trim()}`);
    } else if (colon > 0) {
      name = line.slice(0, colon).trim().toLowerCase();
      if (!group.has(name)) group.set(name, line.slice(colon + 1).trim());
    }
  }
  return groups;
}

/** `rfc822; a@b.example` -> the address; null when it is none. */
function addressOf(value: string | undefined): string | null {
  const address = (value ?? '').split(';').pop()?.trim().replace(/^<|>$/g, '') ?? '';
  return address.includes('@') && address.length <= 320 ? address.toLowerCase() : null;
}

/** `smtp; 550 no such user` without its type. */
function typed(value: string | undefined): string | null {
  const text = (value ?? '').replace(/^[\w-]{1,20}\s?;/, '').trim();
  return text === '' ? null : text.slice(0, LONGEST_DIAGNOSTIC);
}
