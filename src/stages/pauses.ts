/** While the partner is asked: what waits, and how the waiting ends. */
import type { NewEvent } from '../ledger/events.ts';
import { clock as ledger } from '../ledger/index.ts';
import type { Tx } from '../ledger/schema.ts';
import type { AskingKind, DeadlineName } from '../model.ts';
import { DEADLINE_WORDS } from '../pipeline/clock/clock-words.ts';
import { HOUR_MS } from '../pipeline/clock/deadlines.ts';
import type { Policy } from '../policy.ts';

type Paused = Pick<ledger.TicketClock, 'ticketId' | 'pauses'>;
export type Changed = { readonly pauses: readonly ledger.PauseRow[]; readonly events: NewEvent[] };

/** What waits while a reply asks. */
export function stoppedBy(reply: AskingKind | null, { commitment: { pauses } }: Policy): readonly DeadlineName[] {
  return pauses.whileAsked && reply ? (pauses.stops[reply] ?? []) : [];
}

/** When a pause that began at `from` ends at the latest, answer or none. */
export const longestUntil = (from: Date, { commitment: { pauses } }: Policy): Date =>
  new Date(from.getTime() + pauses.longestHours * HOUR_MS);

/** What has been waited for as long as the policy allows began at this moment, or before. */
export const waitedSince = (now: Date, { commitment: { pauses } }: Policy): Date =>
  new Date(now.getTime() - pauses.longestHours * HOUR_MS);

export const isWaiting = ({ pauses }: Pick<Paused, 'pauses'>): boolean =>
  pauses.some(({ until_at }) => until_at === null);

/** The words a pause is kept by: another question is another pause. */
export const asking = (reply: AskingKind | null): string => `the partner is asked (${reply})`;

const named = (stops: readonly DeadlineName[]): string => stops.map((what) => DEADLINE_WORDS[what]).join(' and ');

export type Question = {
  readonly reply: AskingKind | null;
  /** The mail that asks it; undefined when none goes out now. */
  readonly replyId: number | undefined;
  readonly stops: readonly DeadlineName[];
  /** Nothing is missing, whether it is asked for now or not. */
  readonly complete: boolean;
  /** When the partner answered, if that is what set the decision off. */
  readonly answeredAt: Date | undefined;
};

/**
 * The pauses after a decision. One ends when nothing is missing any more, when something else is, or when the partner answered
 * and is asked nothing more: then it is our turn. (An answer that gives nothing at all leads to no decision, and ends nothing.)
 * A question that goes out begins one.
 */
export async function pausesAfter(tx: Tx, before: Paused, asked: Question, now: Date): Promise<Changed> {
  const { ticketId } = before;
  const because = asking(asked.reply);
  const sameOpen = before.pauses.some((pause) => pause.until_at === null && pause.because === because);
  const ends = asked.stops.length === 0 || asked.answeredAt !== undefined || !sameOpen;
  const ended = ends
    ? await endPauses(tx, before, asked.answeredAt ?? now, whyEnded(asked))
    : { pauses: before.pauses, events: [] };
  if (asked.stops.length === 0 || asked.replyId === undefined || isWaiting(ended)) return ended;
  const { reply, replyId, stops } = asked;
  const begun = await beginPause(tx, { ticketId, pauses: ended.pauses }, { reply, replyId, stops }, now);
  return { pauses: begun.pauses, events: [...ended.events, ...begun.events] };
}

function whyEnded({ reply, replyId, stops, complete, answeredAt }: Question): string {
  if (complete) return 'nothing is missing any more';
  if (reply === null) return 'nothing is asked at present';
  if (stops.length === 0) return `the policy stops nothing for what is missing (${reply})`;
  if (!answeredAt) return 'something else is missing now';
  return replyId === undefined ? 'the partner answered, no other question goes out' : 'the partner answered';
}

/** From `now` on the ticket waits for the answer to a question that goes out. */
export async function beginPause(
  tx: Tx,
  { ticketId, pauses }: Paused,
  { reply, replyId, stops }: Pick<Question, 'reply' | 'stops'> & { readonly replyId: number },
  now: Date,
): Promise<Changed> {
  const because = asking(reply);
  const pause = await ledger.openPause(tx, { ticketId, replyId, stops, from: now, because });
  const told = `${because}; ${named(stops)} wait for the answer`;
  return { pauses: [...pauses, pause], events: [{ ticketId, what: 'clock paused', because: told }] };
}

/** Ends all open pauses at `at`; one that began later never was. */
export async function endPauses(tx: Tx, { ticketId, pauses }: Paused, at: Date, because: string): Promise<Changed> {
  const events: NewEvent[] = [];
  const after: ledger.PauseRow[] = [];
  for (const pause of pauses) {
    if (pause.until_at) {
      after.push(pause);
      continue;
    }
    const until_at = at < pause.from_at ? pause.from_at : at;
    await ledger.endPause(tx, pause.id, until_at, because);
    after.push({ ...pause, until_at, ended_because: because });
    const waited = `${named(pause.stops)} waited since ${pause.from_at.toISOString()}`;
    events.push({ ticketId, what: 'clock runs again', because: `${because}; ${waited}` });
  }
  return { pauses: after, events };
}
