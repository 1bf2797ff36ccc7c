/** The commitment clock on a real ledger, with the time in hand. Call it once at the top of a test file. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { assemble } from '../../src/assemble.ts';
import { readConfig } from '../../src/config.ts';
import { openKeyring } from '../../src/ledger/keys.ts';
import { noticeSecret } from '../../src/ledger/settings.ts';
import { showTicket } from '../../src/ledger/views.ts';
import type { Context } from '../../src/stages/context.ts';
import { decideMail } from '../../src/stages/decide-mail.ts';
import { type Mark, markTicket } from '../../src/stages/mark-ticket.ts';
import { storeArrivals } from '../../src/stages/store.ts';
import { type Letter, letter } from './letters.ts';
import { LICENCES, PARTNERS } from './population.ts';
import { type PostgresServer, startPostgres } from './postgres.ts';

/** Monday 2 March 2026, 09:00 in New York. */
export const MONDAY = '2026-03-02T14:00:00.000Z';
/** Due dates of an S2 mail that came then. */
export const S2 = {
  firstResponse: { target: '2026-03-02T20:00:00.000Z', commitment: '2026-03-03T02:00:00.000Z' },
  determination: { target: '2026-03-03T14:00:00.000Z', commitment: '2026-03-04T14:00:00.000Z' },
};
export const known = { says: 'nothing' } as const;
/** A mail whose account is found and whose sender is not asked anything: S2, counted in Berlin. */
export const small = (id: string): Letter => ({
  id: `${id}@mail.example`,
  lines: [
    'Super admin email: owner@small.example',
    'Description of the issue/question: The report shows wrong results.',
  ],
});

export function clockWorld() {
  let postgres: PostgresServer;
  let folder: string;
  let resources: AsyncDisposableStack;
  let assembled: Context;
  let ctx: Context;
  let url: string;
  let pool: pg.Pool;

  beforeAll(async () => {
    resources = new AsyncDisposableStack();
    folder = await mkdtemp(join(tmpdir(), 'clock-'));
    resources.defer(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'licences.csv'), LICENCES);
    await writeFile(join(folder, 'partners.csv'), PARTNERS);
    postgres = await startPostgres();
    resources.defer(() => postgres.stop());
    url = await postgres.freshDatabase();
    const licences = `csv:${join(folder, 'licences.csv')}`;
    const partners = `csv:${join(folder, 'partners.csv')}`;
    const env = { DATABASE_URL: url, LICENCES: licences, PARTNERS: partners, VAR_DIR: folder, LOG_LEVEL: 'silent' };
    assembled = (await assemble(readConfig(env), resources)).ctx;
    pool = new pg.Pool({ connectionString: url, max: 2 });
    pool.on('error', () => undefined);
    resources.defer(() => pool.end());
  });
  afterAll(() => resources?.disposeAsync());
  beforeEach(async () => {
    await empty(pool);
    ctx = { ...assembled, noticeSecret: await noticeSecret(assembled.db), threadKeys: openKeyring() };
  });

  /** The daemon's context at a moment. New York, where a stranger's mail to the .com mailbox is counted, is 5 hours behind UTC. */
  const at = (time: string, under: Context = ctx): Context => ({ ...under, now: () => new Date(time) });
  const query = async <T extends pg.QueryResultRow>(text: string): Promise<T[]> => (await pool.query<T>(text)).rows;

  /** Stores a mail at its time and decides it then. @returns the id of its ticket; NaN for a mail that is set aside. */
  async function receive(id: string, raw: string, time: string, under = ctx): Promise<number> {
    const arrival = { locator: id, arrivedAt: new Date(time), raw: Buffer.from(raw), oversized: null };
    const [mail] = (await storeArrivals(ctx, 'com', { arrivals: [arrival], cursor: null })).keys();
    await decideMail(at(time, under), mail ?? 0);
    const [row] = await query<{ ticket_id: string | null }>(`select ticket_id from mail where id = ${mail}`);
    return Number(row?.ticket_id ?? Number.NaN);
  }

  const arrive = (one: Letter, time = MONDAY, under = ctx): Promise<number> =>
    receive(
      one.id,
      letter({ date: new Date(time), from: `Agent <agent@${one.id.split('@')[0]}.example>`, ...one }),
      time,
      under,
    );

  /** The partner of the mail `name` answers our last reply on its ticket. */
  async function answer(ticket: number, name: string, time: string, lines: string[]): Promise<number> {
    const [reply] = await query<{ message_id: string }>(
      `select message_id from reply where ticket_id = ${ticket} order by id`,
    );
    const headers = [`In-Reply-To: ${reply?.message_id}`];
    const id = `${name}-answer-${Date.parse(time)}@mail.example`;
    return await arrive({ id, from: `Agent <agent@${name}.example>`, subject: 'Re:', headers, lines }, time);
  }

  async function shown(ticket: number) {
    const view = await showTicket(ctx.db, ticket);
    if (!view) throw new Error(`there is no ticket ${ticket}`);
    return { ...view, states: view.clock.map(({ what, round, state }) => `${what} ${round} ${state}`) };
  }

  const told = async (ticket: number): Promise<string[]> =>
    (await shown(ticket)).history
      .map(({ what }) => what)
      .filter((what) => /commitment|breach|clock|deadline|marked/.test(what));
  const notices = async (): Promise<string[]> =>
    (await query<{ key: string }>('select key from notice order by id')).map(({ key }) => key);
  const mark = (ticket: number, what: Mark, time: string, now = time) =>
    markTicket(at(now), { ticketId: ticket, mark: what, at: new Date(time) });

  return {
    at,
    query,
    receive,
    arrive,
    answer,
    shown,
    told,
    notices,
    mark,
    get ctx() {
      return ctx;
    },
    get url() {
      return url;
    },
    get pool() {
      return pool;
    },
  };
}

/** Each test begins with an empty ledger and an empty queue; the policy and its words are read once for the file. */
async function empty(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema') and tablename not like '%migration%'`,
  );
  await pool.query(`truncate ${rows.map(({ name }) => name).join()} restart identity cascade`);
}
