/** Associates who work in Desk: TICKETS=desk: at the double. */
import { expect } from 'vitest';
import { ticketId } from '../../src/ledger/tickets.ts';
import type { TicketSnapshot } from './desk/types.ts';
import { type DeskWorld, openDeskWorld } from './desk-world.ts';
import type { Workplace } from './workplace.ts';

/** How notes of a decision begin, and those that name a file that stays away. */
const DECIDED = /^partner-intake P-\d+ decided/;
const STAYS = /^Attachment "(.*)" \(\d+ bytes\) stays in partner-intake: /;

export type WorkplaceDesk = Workplace & {
  readonly world: DeskWorld;
  /** The ticket there, which is the only one. */
  there(number: string): TicketSnapshot;
};

/** @param figures values of policy/desk.yaml, by name. */
export async function openWorkplaceDesk(figures: Readonly<Record<string, string>> = {}): Promise<WorkplaceDesk> {
  const world = await openDeskWorld({}, figures);
  const { double, env, ctx } = world;
  const there = (number: string): TicketSnapshot => {
    const found = world.there(number);
    expect(found, number).toHaveLength(1);
    return found[0] as TicketSnapshot;
  };
  const settled = async (): Promise<void> => {
    await world.changesTaken();
    await world.delivered();
  };
  const patch = async (number: string, change: object): Promise<void> => {
    await world.delivered();
    double.byHand.patch(there(number).id, change);
    await settled();
  };
  const rated = (severity: string) => ({ cf: { cf_severity: severity } });
  const filled = (address: string) => ({ cf: { cf_customer_primary_email_address: address } });
  return {
    ...{ world, env, ctx, there },
    arrive: world.arrive,
    async shown(number) {
      await world.delivered();
      const { cf, status, comments, attachments } = there(number);
      expect(comments.filter(({ isPublic }) => isPublic)).toEqual([]);
      const notes = comments.map(({ content }) => content);
      return {
        superadminEmail: cf.cf_customer_primary_email_address ?? null,
        priorityCustomer: cf.cf_priority_customer_large_user_account === 'true',
        severity: cf.cf_severity ?? null,
        service: cf.cf_service_name ?? null,
        closed: status === 'Closed',
        why: notes.filter((note) => DECIDED.test(note)),
        files: [
          ...attachments.map(({ name }) => ({ name, opens: true })),
          ...notes.flatMap((note) => {
            const name = STAYS.exec(note)?.[1];
            return name === undefined ? [] : [{ name, opens: false }];
          }),
        ],
      };
    },
    async timesShown(number, { text }) {
      await world.delivered();
      return there(number).comments.filter(({ content }) => content.includes(text)).length;
    },
    async again() {
      await ctx.db.updateTable('ticket').set({ untold: true }).execute();
      await ctx.db.updateTable('desk_ticket').set({ look_at: new Date(), seen_at: null }).execute();
      await settled();
    },
    async fill(number, address) {
      await patch(number, filled(address));
      const because = await ctx.db
        .selectFrom('event')
        .select('because')
        .where('ticket_id', '=', ticketId(number) ?? 0)
        .where('what', '=', 'changed in Desk')
        .orderBy('id')
        .execute();
      return because.at(-1)?.because ?? '';
    },
    rate: (number, severity) => patch(number, rated(severity)),
    async fillAndRate(number, address, severity) {
      await world.delivered();
      double.byHand.patch(there(number).id, filled(address));
      await patch(number, rated(severity));
    },
    async rateMeanwhile(number, severity, work) {
      await world.delivered();
      await work();
      double.byHand.patch(there(number).id, rated(severity));
      await settled();
    },
    close: (number) => patch(number, { status: 'Closed' }),
    reopen: (number) => patch(number, { status: 'Open' }),
    async answer(number) {
      await world.delivered();
      double.byHand.reply(there(number).id, 'We look into it.');
      await settled();
    },
    end: () => world.close(),
  };
}
