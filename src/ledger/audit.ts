/** The conservation proof (I3): every mail ended as exactly one thing, or is on its way, or is named here. */
import { sql } from 'kysely';
import { deskProblems } from './audit-desk.ts';
import type { Db } from './schema.ts';
import { ticketNumber } from './tickets.ts';

/** Problems named one by one; beyond this only counted. */
const MAX_NAMED = 100;

export type Audit = {
  readonly mails: number;
  readonly ticketed: number;
  readonly appended: number;
  readonly suppressed: number;
  readonly quarantined: number;
  readonly inFlight: number;
  readonly unexplained: number;
  readonly problems: readonly string[];
};

/** What a mailbox holds now: what the ledger never saw of it is unexplained, unless it lies beyond the cursor. */
export type MailboxContents = {
  readonly mailbox: string;
  readonly missing: readonly string[];
  readonly waiting: number;
  /** Why it could not be compared: then nothing is proven. */
  readonly notCompared?: string;
};

/**
 * Counts the ledger and looks for contradictions in it; `contents` adds what was found in the mailboxes.
 * @param deskSince tickets made since then are brought to Desk; null where they stay in the ledger
 */
export async function auditLedger(
  db: Db,
  contents: readonly MailboxContents[] = [],
  deskSince: Date | null = null,
): Promise<Audit> {
  const { rows } = await sql<{
    state: string;
    count: number;
  }>`select state, count(*) as count from mail group by state`.execute(db);
  const count = (state: string): number => Number(rows.find((row) => row.state === state)?.count ?? 0);
  const problems: string[] = [];
  for (const check of checks) {
    const found = await sql<{ id: number }>`${sql.raw(check.query)}`.execute(db);
    problems.push(...found.rows.map((row) => check.say(row.id)));
  }
  problems.push(...(await deskProblems(db, deskSince)));
  for (const { mailbox, missing, notCompared } of contents) {
    if (notCompared) problems.push(`mailbox ${mailbox} was not compared: ${notCompared}`);
    problems.push(...missing.map((locator) => `mailbox ${mailbox}: message ${locator} is not in the ledger`));
  }
  return {
    mails: rows.reduce((sum, row) => sum + Number(row.count), 0),
    ticketed: count('ticketed'),
    appended: count('appended'),
    suppressed: count('suppressed'),
    quarantined: count('quarantined'),
    inFlight: count('received') + count('parsed') + contents.reduce((sum, one) => sum + one.waiting, 0),
    unexplained: problems.length,
    problems:
      problems.length > MAX_NAMED
        ? [...problems.slice(0, MAX_NAMED), `and ${problems.length - MAX_NAMED} more`]
        : problems,
  };
}

const checks: readonly { query: string; say: (id: number) => string }[] = [
  {
    query: `select m.id from mail m where m.state = 'ticketed'
            and not exists (select from ticket t where t.mail_id = m.id and t.id = m.ticket_id)`,
    say: (id) => `mail ${id} is called ticketed, but has no ticket of its own`,
  },
  {
    query: `select t.id from ticket t join mail m on m.id = t.mail_id where m.state <> 'ticketed'`,
    say: (id) => `ticket ${ticketNumber(id)} exists, but its mail is not called ticketed`,
  },
  {
    query: 'select m.id from mail m where not exists (select from original o where o.mail_id = m.id)',
    say: (id) => `mail ${id} has lost its original`,
  },
  {
    query: 'select m.id from mail m where not exists (select from delivery d where d.mail_id = m.id)',
    say: (id) => `mail ${id} was never delivered to any mailbox`,
  },
  {
    query: 'select t.id from ticket t where not exists (select from decision d where d.ticket_id = t.id)',
    say: (id) => `ticket ${ticketNumber(id)} has no decision`,
  },
  {
    query: `select t.id from ticket t where t.decision->>'reply' is not null
            and not exists (select from reply r where r.ticket_id = t.id)
            and not exists (select from event e where e.ticket_id = t.id and e.what like 'reply % not sent')
            and not exists (select from event e where e.ticket_id = t.id and e.by = 'associate')`,
    say: (id) => `ticket ${ticketNumber(id)} calls for a reply, but none was written nor left out with a reason`,
  },
  {
    query: `select r.ticket_id as id from reply r join mail m on m.id = r.mail_id where m.kind is distinct from 'request'`,
    say: (id) => `ticket ${ticketNumber(id)} has a reply to automatic mail`,
  },
  {
    query: `select r.id from reply r where r.kind = 'notice'
            and not exists (select from notice_recipient n where n.reply_id = r.id and n.recipient = r.recipient)`,
    say: (id) => `notice mail ${id} tells its recipient of nothing that was noted`,
  },
  {
    query: `select n.id from notice n where n.addressed
            and not exists (select from notice_recipient r where r.notice_id = n.id)`,
    say: (id) => `notice ${id} is called addressed, but to nobody`,
  },
  {
    query: `select r.id from reply r where r.kind = 'notice' and r.state = 'held' and r.updated_at < now() - interval '1 day'`,
    say: (id) => `notice mail ${id} is held for more than a day: partner-intake outbound release ${id}, or drop ${id}`,
  },
  {
    query: `select r.id from reply r where r.kind = 'notice' and r.state = 'intended' and r.attempts = 0
            and r.updated_at < now() - interval '1 hour'
            and not exists (select from setting where key = 'outbound-paused')`,
    say: (id) => `notice mail ${id} has not been tried for an hour: is there an SMTP server for its mailbox?`,
  },
  {
    query: `select distinct d.ticket_id as id from deadline d where d.breached_at is not null and not exists (
              select from notice n where n.level = 'lead' and n.kind in ('breach', 'standstill')
                and n.created_at >= d.breached_at
                and (n.ticket_id = d.ticket_id or n.tickets @> to_jsonb(d.ticket_id)))`,
    say: (id) => `ticket ${ticketNumber(id)} has a missed commitment, but no lead was to be told`,
  },
  {
    query: `select t.id from ticket t where t.escalation = 'told' and not exists (
              select from notice n where n.ticket_id = t.id and n.kind = 'escalation')`,
    say: (id) => `ticket ${ticketNumber(id)} is called escalated, but nobody was to be told`,
  },
];
