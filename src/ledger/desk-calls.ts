/** Calls to Desk (I4): their outcome is written down; what is unknown is looked up. How they are taken: desk-taking.ts. */
import { type RawBuilder, sql } from 'kysely';
import { MAILBOX_NAMES, type MailboxName } from '../model.ts';
import { endCalls, GONE } from './desk-endings.ts';
import { addCalls, type PlannedCall } from './desk-plans.ts';
import type { DeskCallKind, DeskCallState } from './desk-schema.ts';
import { record } from './events.ts';
import type { Db } from './schema.ts';
import { plainText } from './text.ts';

const REASON_LENGTH = 500;

export type DeskCall = {
  readonly id: number;
  readonly ticketId: number;
  readonly kind: DeskCallKind;
  readonly marker: string;
  readonly mailId: number | null;
  readonly decisionId: number | null;
  readonly replyId: number | null;
  readonly attempts: number;
  /** Attempts whose outcome was unknown. */
  readonly unknowns: number;
  readonly attemptedAt: Date;
  readonly portal: MailboxName;
  readonly key: string;
  readonly remoteId: string | null;
  readonly told: Readonly<Record<string, string>>;
  readonly telling: Readonly<Record<string, string>>;
  /** Since when the ticket may be there. */
  readonly since: Date;
};

export type CallEnd = {
  readonly state: DeskCallState;
  readonly because: string;
  readonly next?: Date;
  /** It was no attempt: nothing was called. */
  readonly notTried?: true;
  /** Whether it had its effect is not known. */
  readonly unknown?: true;
  readonly remote?: { readonly id: string; readonly number: string };
  /** What fields are set to now. */
  readonly told?: Readonly<Record<string, string>>;
  /** Desk has the ticket no more: nothing else of it is made either. */
  readonly gone?: true;
  /** What is to be done because of this end: planned with it, or not at all. */
  readonly following?: readonly PlannedCall[];
};

/** Writes down how a call ended; only its sender may, and only of that very attempt. False when it was not its any more. */
export async function finishCall(db: Db, call: DeskCall, sender: number, end: CallEnd): Promise<boolean> {
  const because = plainText(end.because).slice(0, REASON_LENGTH);
  return await db.transaction().execute(async (tx) => {
    // The ticket first, as all who plan do: an event locks it, too.
    await sql`select from ticket where id = ${call.ticketId} for no key update`.execute(tx);
    const { rows } = await sql<{ id: number }>`
      update desk_call set state = ${end.state}, because = ${because}, sender = null,
        attempts = attempts - ${end.notTried ? 1 : 0}, unknowns = unknowns + ${end.unknown ? 1 : 0},
        next_attempt_at = ${end.next ?? null}::timestamptz, updated_at = now()
      where id = ${call.id} and state = 'sending' and sender = ${sender} and attempts = ${call.attempts}
      returning id`.execute(tx);
    if (rows.length === 0) return false;
    if (end.remote)
      await tx
        .updateTable('desk_ticket')
        .set({ remote_id: end.remote.id, remote_number: end.remote.number })
        .where('ticket_id', '=', call.ticketId)
        .execute();
    if (end.told)
      await sql`update desk_ticket set told = told || ${JSON.stringify(end.told)}::jsonb where ticket_id = ${call.ticketId}`.execute(
        tx,
      );
    await addCalls(tx, call.ticketId, end.following ?? []);
    if (end.gone) await endCalls(tx, call.ticketId);
    const what = end.gone ? GONE : toldInHistory(call.kind, end.state);
    if (what) await record(tx, [{ ticketId: call.ticketId, what, because }]);
    return true;
  });
}

/** Its end could not be written down: it is looked up from `next` on. Nothing when it is not its sender's any more. */
export async function leaveUnknown(db: Db, call: DeskCall, sender: number, next: Date): Promise<void> {
  await sql`
    update desk_call set sender = null, because = 'outcome unknown: it could not be written down',
      next_attempt_at = ${next}::timestamptz, updated_at = now()
    where id = ${call.id} and state = 'sending' and sender = ${sender} and attempts = ${call.attempts}`.execute(db);
}

/** Plans calls apart from the end of another one. */
export async function addFollowing(db: Db, ticketId: number, calls: readonly PlannedCall[]): Promise<void> {
  await db.transaction().execute((tx) => addCalls(tx, ticketId, calls));
}

/** Notes and attachments that arrived are no news; that a ticket was made, and what will not be done, are. */
function toldInHistory(kind: DeskCallKind, state: DeskCallState): string | null {
  if (state === 'failed') return `${kind} in Desk failed`;
  return state === 'done' && (kind === 'create' || kind === 'update') ? `${kind}d in Desk` : null;
}

/** Calls that failed are to be made again, once it was looked up that they had no effect: some failed when that was asked. @returns how many */
export async function retryFailed(db: Db, ticketId: number | null): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    update desk_call set state = 'sending', sender = null, unknowns = 0, next_attempt_at = now(), updated_at = now()
    where state = 'failed' and (${ticketId}::bigint is null or ticket_id = ${ticketId}) returning id`.execute(db);
  return rows.length;
}

export type DeskState = {
  readonly portal: MailboxName;
  readonly open: number;
  readonly failed: number;
  /** Of the oldest call that is not done. */
  readonly oldest: Date | null;
  /** Credits left, as far as known. */
  readonly credits: number | null;
};

/** What waits for each portal: for metrics and `desk`. Asked often: indexes of what is not done answer it. */
export async function deskState(db: Db): Promise<DeskState[]> {
  const { rows } = await sql<DeskState>`
    select name as portal,
      (select count(*)::int from desk_call where state = 'intended' and portal = name and kind <> 'verify')
        + (select count(*)::int from desk_call where state = 'sending' and portal = name and kind <> 'verify') as open,
      (select count(*)::int from desk_call where state = 'failed' and portal = name) as failed,
      least(${oldestThat(sql`state = 'intended'`)}, ${oldestThat(sql`state = 'sending'`)}) as oldest,
      (select credits::int from desk_portal where desk_portal.name = here.name) as credits
    from unnest(${[...MAILBOX_NAMES]}::text[]) as here (name)
    where exists (select from desk_ticket where portal = name)
    order by name`.execute(db);
  return rows;
}

/** What waits behind a ticket that Desk refused is not late: it failed. */
const oldestThat = (isOpen: RawBuilder<unknown>) => sql`(
  select desk_call.created_at from desk_call join desk_ticket using (ticket_id)
  where ${isOpen} and desk_call.portal = name and kind <> 'verify' and (kind = 'create' or remote_id is not null)
  order by desk_call.id limit 1)`;

/** Why a call ended as it did. */
export async function reasonOf(db: Db, ticketId: number, marker: string): Promise<string | null> {
  const row = await db
    .selectFrom('desk_call')
    .select('because')
    .where('ticket_id', '=', ticketId)
    .where('marker', '=', marker)
    .executeTakeFirst();
  return row?.because ?? null;
}

/** Calls that will not be made unless a person says so, the oldest first. */
export async function failedCalls(db: Db): Promise<{ ticketId: number; kind: DeskCallKind; because: string | null }[]> {
  return await db
    .selectFrom('desk_call')
    .select(['ticket_id as ticketId', 'kind', 'because'])
    .where('state', '=', 'failed')
    .orderBy('id')
    .execute();
}
