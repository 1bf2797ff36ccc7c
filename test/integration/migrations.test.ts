/** A ledger of the version before, with rows in it, is brought up to date: nothing is lost, and its partners are known. */
import { Kysely, Migrator, PostgresDialect } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrations } from '../../src/ledger/migrations.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { listTickets, showTicket } from '../../src/ledger/views.ts';
import { recentTickets } from '../../src/ledger/wishes.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

let postgres: PostgresServer;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres?.stop());

/** A database that ends at this step, and a connection to put rows in with. */
async function migratedTo(step: string) {
  const url = await postgres.freshDatabase();
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const db = new Kysely({ dialect: new PostgresDialect({ pool }) });
  const { error } = await new Migrator({ db, provider: migrations }).migrateTo(step);
  expect(error).toBeUndefined();
  return { url, query: (text: string, values: unknown[] = []) => pool.query(text, values), close: () => db.destroy() };
}

/** As the daemon of that version wrote it: without the keys that came later. */
const decision = (partner: object | null) => ({
  ...{ severity: 'S2', priorityCustomer: false, provisional: true, requestNature: 'how-to', slaApplies: true },
  ...{ account: null, region: 'india', regionFrom: 'partner', threshold: 100 },
  ...{ mailbox: { used: 'com', expected: 'com' }, partner, missing: ['superadminEmail'] },
  ...{ reply: 'missing-superadmin-ask', tags: [], reasons: [{ rule: 'severity.default', because: 'nothing said' }] },
  deadlines: { firstResponse: { target: '2026-03-02T20:00:00.000Z', commitment: '2026-03-03T02:00:00.000Z' } },
  policy: 'cc56df56843eead7',
});
const known = { name: 'Reseller', tier: 'premium', verified: true };
const enquiry = { language: 'en', template: true, fields: {} };

const OLD: readonly [sender: string, partner: object | null, domainThen: string | null, domainNow: string | null][] = [
  ['agent@reseller.example', known, null, 'reseller.example'],
  ['Agent.Two@Reseller.EXAMPLE', { ...known, channels: ['chat'], contract: 'valid' }, null, 'reseller.example'],
  ['"odd@name"@reseller.example', known, null, 'reseller.example'],
  ['agent@moved.example', known, 'reseller.example', 'reseller.example'],
  ['someone@gmail.example', { ...known, verified: false }, null, null],
  ['stranger@unknown.example', null, null, null],
  ['', null, null, null],
];

it('0003 -> now: verified partners of old tickets get their domain, the others none, and all else stays', async () => {
  const old = await migratedTo('0003-clock');
  for (const [index, [sender, partner, domain]] of OLD.entries()) {
    const { rows } = await old.query(
      `insert into mail (fingerprint, message_id, mailbox, arrived_at, size, state, because, kind, parsed, enquiry)
       values ($1, $2, 'com', '2026-03-02T14:00:00Z', 900, 'parsed', null, 'request', '{}', $3) returning id`,
      [`fingerprint-${index}`, `<old-${index}@mail.example>`, enquiry],
    );
    const mail = rows[0].id;
    await old.query('insert into original (mail_id, raw) values ($1, $2)', [mail, Buffer.from('Subject: old\r\n\r\n')]);
    await old.query(`insert into delivery (mailbox, locator, mail_id, arrived_at) values ('com', $1, $2, now())`, [
      `1:${index}`,
      mail,
    ]);
    const made = await old.query(
      `insert into ticket (mail_id, status, sender, subject, mailbox, enquiry, decision, partner_domain, created_at)
       values ($1, $2, $3, 'Totals', 'com', $4, $5, $6, '2026-03-02T14:00:01Z') returning id`,
      [mail, index === 3 ? 'resolved' : 'open', sender, enquiry, decision(partner), domain],
    );
    const ticket = made.rows[0].id;
    await old.query(`update mail set state = 'ticketed', ticket_id = $1 where id = $2`, [ticket, mail]);
    await old.query(
      `insert into decision (ticket_id, mail_id, at, trigger, decision) values ($1, $2, now(), 'mail', $3)`,
      [ticket, mail, decision(partner)],
    );
    await old.query(
      `insert into reply (ticket_id, mail_id, kind, mailbox, recipient, partner_key, message_id, message, state, created_at)
       values ($1, $2, 'missing-superadmin-ask', 'com', $3, 'reseller.example', $4, '{}', 'sent', '2026-03-02T14:00:01Z')`,
      [ticket, mail, sender, `<reply-${index}@zohocorp.example>`],
    );
    await old.query(
      `insert into deadline (ticket_id, what, round, started_at, target_hours, commitment_hours, target_at, commitment_at, next_at)
       values ($1, 'firstResponse', 1, '2026-03-02T14:00:00Z', 6, 12, '2026-03-02T20:00:00Z', '2026-03-03T02:00:00Z', '2026-03-02T20:00:00Z')`,
      [ticket],
    );
    await old.query(
      `insert into event (ticket_id, mail_id, by, what, because) values ($1, $2, 'daemon', 'ticket made', 'as it was')`,
      [ticket, mail],
    );
  }
  const TABLES = ['mail', 'original', 'delivery', 'decision', 'reply', 'deadline', 'event'];
  const contents = async () =>
    Promise.all(TABLES.map(async (table) => (await old.query(`select * from ${table} order by 1`)).rows));
  const [before, { rows: ticketsBefore }] = [await contents(), await old.query('select * from ticket order by id')];

  // Several processes begin at once after an update.
  const ledgers = await Promise.all([openLedger(old.url), openLedger(old.url), openLedger(old.url)]);
  const [{ db }] = ledgers;
  try {
    const { rows: ticketsNow } = await old.query('select * from ticket order by id');
    expect(ticketsNow).toMatchObject(
      ticketsBefore.map((ticket, index) => ({
        ...ticket,
        partner_domain: OLD[index]?.[3],
        answered_after_resolved: null,
      })),
    );
    expect(await contents()).toMatchObject(before);
    const { rows: hashes } = await old.query("select sha256, encode(sha256(raw), 'hex') as expected from original");
    expect(hashes).toHaveLength(OLD.length);
    for (const { sha256, expected } of hashes) expect(sha256).toBe(expected);

    const shown = await listTickets(db);
    expect(shown.map(({ from }) => from)).toEqual(OLD.map(([sender]) => sender));
    const first = await showTicket(db, 1001);
    expect(first).toMatchObject({ severity: 'S2', partner: 'Reseller', replies: [{ state: 'sent' }] });
    expect(first?.decision.tags).toEqual([]);
    // What is counted of a partner counts what was there before.
    const since = new Date('2026-02-01T00:00:00Z');
    expect(await recentTickets(db, 'reseller.example', { nature: 'how-to' }, since)).toEqual([1001, 1002, 1003, 1004]);
    expect(await recentTickets(db, 'gmail.example', { nature: 'how-to' }, since)).toEqual([]);
  } finally {
    await Promise.all(ledgers.map((ledger) => ledger.close()));
    await old.close();
  }
});
