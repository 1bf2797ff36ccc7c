/** A partner's wish to escalate, and what a partner has sent before. */
import { sql } from 'kysely';
import type { DeadlineName, Deadlines, MailboxName, Region, Severity } from '../model.ts';
import type { Db, Escalation, Tx } from './schema.ts';
import { plainText } from './text.ts';

/** The partner's lock until the transaction ends: two mails at once must not both see one request too few. */
export async function lockPartner(tx: Tx, domain: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`partner ${domain}`}, 0))`.execute(tx);
}

/** Basic requests; or incidents of that severity: a large account's questions are S1 as well, and a wish to escalate is none. */
export type Ask = { readonly nature: 'how-to' } | { readonly nature: 'incident'; readonly severity: 'S1' };

/** The partner's tickets of that kind whose mail arrived since `since`, oldest first. */
export async function recentTickets(db: Db, domain: string, ask: Ask, since: Date): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select ticket.id from ticket join mail on mail.id = ticket.mail_id
    where partner_domain = ${domain} and decision->>'requestNature' = ${ask.nature} and mail.arrived_at > ${since}::timestamptz
    ${'severity' in ask ? sql`and decision->>'severity' = ${ask.severity}` : sql``}
    order by ticket.id`.execute(db);
  return rows.map(({ id }) => id);
}

export type Escalated = {
  readonly id: number;
  readonly mailbox: MailboxName;
  readonly region: Region;
  readonly severity: Severity | null;
  /** Its clock runs through weekends: an outage, downtime or a login problem. */
  readonly outage: boolean;
  readonly partnerDomain: string | null;
  /** What is promised and not done, as the clock has it; what waits for the partner is left out, unless it was missed before. */
  readonly due: Deadlines;
};

/** The ticket that a wish is about, locked until the transaction ends; undefined when there is none. */
export async function lockEscalated(tx: Tx, id: number): Promise<Escalated | undefined> {
  const row = await tx
    .selectFrom('ticket')
    .select(['id', 'mailbox', 'decision', 'partner_domain', 'calendars'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!row) return undefined;
  const { decision } = row;
  return {
    id: row.id,
    mailbox: row.mailbox,
    region: decision.region,
    severity: decision.severity,
    outage: decision.workingTime?.weekendsCount ?? false,
    partnerDomain: row.partner_domain,
    // Until the clock knows a ticket its first decision says what is due.
    due: row.calendars ? await runningDeadlines(tx, id) : decision.deadlines,
  };
}

async function runningDeadlines(tx: Tx, ticketId: number): Promise<Deadlines> {
  const rows = await tx
    .selectFrom('deadline')
    .select(['what', 'target_at', 'commitment_at'])
    .where('ticket_id', '=', ticketId)
    .where('met_at', 'is', null)
    .where('cancelled_at', 'is', null)
    // What had passed before the pause stays missed.
    .where((eb) => eb.or([eb('paused_at', 'is', null), eb('commitment_at', '<=', eb.ref('paused_at'))]))
    .orderBy('round')
    .execute();
  const due = rows.map((row): [DeadlineName, { target: string; commitment: string }] => [
    row.what,
    { target: row.target_at.toISOString(), commitment: row.commitment_at.toISOString() },
  ]);
  return Object.fromEntries(due);
}

/** Keeps what became of a wish. A lead who was told stays told. */
export async function keepWish(tx: Tx, ticketId: number, outcome: Escalation, because: string): Promise<void> {
  await tx
    .updateTable('ticket')
    .set({ escalation: outcome, escalation_because: plainText(because) })
    .where('id', '=', ticketId)
    .where((eb) => eb.or([eb('escalation', 'is', null), eb('escalation', '!=', 'told')]))
    .execute();
}
