/** A ledger, a directory and a Desk double: mails become tickets here, and are brought there when a test says so. */
import { readConfig } from '../../src/config.ts';
import { openInstance } from '../../src/ledger/leases.ts';
import { ticketNumber } from '../../src/ledger/tickets.ts';
import { openDesk } from '../../src/open-desk.ts';
import type { DeskContext } from '../../src/stages/desk/context.ts';
import { changesPass, type DeliverState, deliverPass, newDeliverState } from '../../workers/deliver.ts';
import type { Environment } from './daemon.ts';
import { deskVariables } from './desk/environment.ts';
import { type DeskDouble, type DeskOptions, startDeskDouble } from './desk/server.ts';
import type { TicketSnapshot } from './desk/types.ts';
import { type IntakeWorld, openIntakeWorld } from './intake-world.ts';
import { type Letter, letter } from './letters.ts';
import { until } from './wait.ts';

/** Of a call that broke: long enough for the double's late ones. */
const BELIEVED_SECONDS = 0.5;

export type DeskWorld = {
  readonly double: DeskDouble;
  readonly env: Environment;
  readonly ctx: DeskContext;
  readonly arrive: IntakeWorld['arrive'];
  /** Delivers a mail, or its bytes where `raw` has them, and decides it. @returns its ticket's number */
  ticketed(one: Letter & { readonly raw?: string }): Promise<string>;
  /** One pass of the deliver role. */
  pass(): Promise<void>;
  /** Passes until nothing is left to be made. */
  delivered(): Promise<void>;
  /** Asks for changes and takes them over. */
  changesTaken(): Promise<void>;
  /** The tickets there that stand for this one here. */
  there(number: string): readonly TicketSnapshot[];
  /** Calls that are not done, in words. */
  open(): Promise<string[]>;
  /** The role's memory of its portals: a test may make it forget. */
  readonly state: DeliverState;
  close(): Promise<void>;
};

/** @param figures values of policy/desk.yaml, by name. */
export async function openDeskWorld(
  options: DeskOptions = {},
  figures: Readonly<Record<string, string>> = {},
): Promise<DeskWorld> {
  await using building = new AsyncDisposableStack();
  const double = await startDeskDouble(options);
  building.defer(() => double.stop());
  const intake = await openIntakeWorld(building, deskVariables(double), {
    indexSeconds: String(BELIEVED_SECONDS),
    ...figures,
  });
  const { env } = intake;
  const ctx = await openDesk(readConfig(env), intake.ctx, building);
  if (!ctx) throw new Error('TICKETS=desk: opened no Desk');
  const instance = await openInstance(intake.ledger.url);
  building.defer(() => instance.close());
  const state = newDeliverState(ctx);
  const pass = () => deliverPass(ctx, { ...state, instance: instance.id });
  const open = async (): Promise<string[]> => {
    const rows = await ctx.db
      .selectFrom('desk_call')
      .select(['ticket_id', 'marker', 'state', 'because'])
      .where('state', '<>', 'done')
      .orderBy('id')
      .execute();
    return rows.map((row) => `${ticketNumber(row.ticket_id)} ${row.marker} ${row.state} ${row.because ?? ''}`);
  };
  const resources = building.move();
  return {
    ...{ double, env, ctx, pass, open, state },
    arrive: intake.arrive,
    ticketed: async (one) => (await intake.arrive(one.id, one.raw ?? letter(one))).number,
    delivered: () =>
      until(
        async () => {
          await pass();
          return (await open()).length === 0;
        },
        { what: 'everything to be brought to Desk', timeout: 60_000 },
      ).then(() => undefined),
    async changesTaken() {
      await changesPass(ctx);
      await pass();
    },
    there: (number) => double.tickets().filter(({ description }) => description?.includes(number)),
    close: () => resources.disposeAsync(),
  };
}
