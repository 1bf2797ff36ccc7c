/** A ticket as somebody who is told of it needs it: what it is, what was promised, what happened. */
import type { NoticeStory } from '../notice-model.ts';
import { historyOf } from './events.ts';
import type { Db } from './schema.ts';
import { ticketNumber } from './tickets.ts';

export type Story = NoticeStory & { readonly id: number };

export type Brief = Pick<Story, 'number' | 'subject' | 'severity'>;

/** What a list says of these tickets, in the order of their numbers. */
export async function briefsOf(db: Db, ids: readonly number[]): Promise<Map<number, Brief>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('ticket')
    .select(['id', 'subject', 'decision'])
    .where('id', 'in', ids)
    .orderBy('id')
    .execute();
  return new Map(
    rows.map(({ id, subject, decision }) => [id, { number: ticketNumber(id), subject, severity: decision.severity }]),
  );
}

/** The stories of these tickets, by id. */
export async function storiesOf(db: Db, ids: readonly number[]): Promise<Map<number, Story>> {
  if (ids.length === 0) return new Map();
  const tickets = await db
    .selectFrom('ticket')
    .select(['id', 'subject', 'sender', 'status', 'decision'])
    .where('id', 'in', ids)
    .orderBy('id')
    .execute();
  const deadlines = await db
    .selectFrom('deadline')
    .select(['ticket_id', 'what', 'commitment_at', 'met_at', 'paused_at'])
    .where('ticket_id', 'in', ids)
    .where('cancelled_at', 'is', null)
    .orderBy('commitment_at')
    .execute();
  const stories = new Map<number, Story>();
  for (const { id, subject, sender, status, decision } of tickets) {
    stories.set(id, {
      ...{ id, number: ticketNumber(id), subject, sender, status, region: decision.region },
      partner: decision.partner && { name: decision.partner.name, tier: decision.partner.tier },
      severity: decision.severity,
      priorityCustomer: decision.priorityCustomer,
      provisional: decision.provisional,
      requestNature: decision.requestNature,
      reasons: decision.reasons,
      deadlines: deadlines
        .filter((row) => row.ticket_id === id)
        .map((row) => ({
          what: row.what,
          commitment: row.commitment_at,
          met: row.met_at,
          paused: row.paused_at !== null,
        })),
      history: await historyOf(db, id),
    });
  }
  return stories;
}
