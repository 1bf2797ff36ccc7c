/** A ledger with partners' tickets, a clock that is set by hand, and the mails that tell people inside. */
import { assemble } from '../../src/assemble.ts';
import { readConfig } from '../../src/config.ts';
import { notices } from '../../src/ledger/index.ts';
import { type Instance, openInstance } from '../../src/ledger/leases.ts';
import type { NewNotice } from '../../src/ledger/notices.ts';
import type { Context } from '../../src/stages/context.ts';
import { decideMail } from '../../src/stages/decide-mail.ts';
import { digestNotices } from '../../src/stages/digest-notices.ts';
import { sendReply } from '../../src/stages/send-reply.ts';
import { storeArrivals } from '../../src/stages/store.ts';
import { historyOf, type TicketSeen, ticketFor } from './ledger-view.ts';
import { type Letter, letter } from './letters.ts';
import { openWorld } from './world.ts';

const PARTNER = 'Agent Smith <agent@reseller.example>';
export const DESK = 'desk@vendor.example';
export const HOUR = 60 * 60_000;
export const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
/** A Wednesday noon. */
const BASE = Date.parse('2026-03-04T12:00:00Z');

export type Notices = Awaited<ReturnType<typeof openNotices>>;

export async function openNotices() {
  const resources = new AsyncDisposableStack();
  const world = await openWorld({ queue: 'postgresql' });
  resources.defer(() => world.close());
  const env = { ...world.env, LOG_LEVEL: 'silent', ESCALATION_DESK: DESK };
  const assembled = await assemble(readConfig(env), resources);
  let time = new Date(BASE);
  const ctx: Context = { ...assembled.ctx, now: () => time };
  const { india } = ctx.policy.escalation.contacts;
  const instance: Instance = await openInstance(assembled.ledger.url);
  resources.defer(() => instance.close());

  async function storedAs(locator: string, raw: string): Promise<number> {
    const arrival = { locator, arrivedAt: time, raw: Buffer.from(raw), oversized: null };
    const [id] = (await storeArrivals(ctx, 'com', { arrivals: [arrival], cursor: null })).keys();
    return Number(id);
  }
  const stored = (one: Letter): Promise<number> =>
    storedAs(one.id, letter({ from: PARTNER, says: 'nothing', date: time, ...one }));
  const mailsTo = (recipient: string) =>
    world.sinks.com.messages.filter(({ envelope }) => envelope.to.includes(recipient));

  return {
    world,
    ctx,
    instance,
    leads: india.leads.map(String),
    managers: india.managers.map(String),
    stored,
    storedAs,
    mailsTo,
    lastTo: (recipient: string) => mailsTo(recipient).at(-1)?.parsed,
    pass: (ms: number): void => {
      time = new Date(time.getTime() + ms);
    },
    /** The noon of a Wednesday to come. */
    wednesday: (weeks = 1): void => {
      time = new Date(BASE + (Math.ceil((time.getTime() - BASE) / WEEK) + weeks) * WEEK);
    },
    async decided(one: Letter): Promise<TicketSeen> {
      await decideMail(ctx, await stored(one));
      return ticketFor(world, one.id);
    },
    breach: (ticket: TicketSeen, over: Partial<NewNotice> = {}): Promise<boolean> =>
      notices.note(ctx.db, {
        ...{ key: `breach P-${ticket.id} ${over.level ?? 'lead'}`, kind: 'breach', level: 'lead', region: 'india' },
        ...{
          mailbox: 'com',
          ticketId: Number(ticket.id),
          recipient: null,
          because: 'first response missed',
          now: time,
        },
        ...over,
      } as NewNotice),
    /** Digests and sends. @returns how many mails were written. */
    async digest(): Promise<number> {
      const ids = await digestNotices(ctx);
      for (const id of ids) await sendReply(ctx, id, instance.id).catch(() => undefined);
      return ids.length;
    },
    told: async (ticket: TicketSeen): Promise<string[]> =>
      (await historyOf(world, Number(ticket.id))).map(({ what }) => what),
    rows: (where: string) =>
      world.query<{ id: number; state: string; recipient: string; because: string | null; message_id: string }>(
        `select id, state, recipient, because, message_id from reply where kind = 'notice' and ${where} order by id`,
      ),
    close: () => resources.disposeAsync(),
  };
}
