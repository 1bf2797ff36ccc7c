/** Erasure and retention on a ledger that a daemon filled: what is gone, what stays, and that nothing is unexplained afterwards. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLedger } from '../../src/ledger/open.ts';
import { createLogger } from '../../src/log.ts';
import { loadPolicy } from '../../src/policy.ts';
import { keepNoLonger, retentionPass } from '../../src/stages/keep-no-longer.ts';
import { keysOf, TICKET_KEYS, ticketOf, ticketsOf } from '../support/json-shapes.ts';
import { historyOf, settledMail, ticketFor } from '../support/ledger-view.ts';
import { letter } from '../support/letters.ts';
import { AWAY, NOTICE, writeAboutJane } from '../support/mails-about-jane.ts';
import { JANE, type MailsWithFiles, openMailsWithFiles } from '../support/mails-with-files.ts';

let opened: MailsWithFiles;
let world: MailsWithFiles['world'];
let folder: string;
let jane: MailsWithFiles['jane'];
let cli: MailsWithFiles['cli'];
let audited: MailsWithFiles['audited'];

beforeAll(async () => {
  opened = await openMailsWithFiles();
  ({ world, folder, jane, cli, audited } = opened);
  await writeAboutJane(opened);
}, 120_000);
afterAll(() => opened?.close());

describe('erase', () => {
  /** Every text of every table of ours, as a dump has it. */
  const holding = async (pattern: string): Promise<string[]> => {
    const tables = await world.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
    );
    const found = await Promise.all(
      tables.map(async ({ name }) => {
        const rows = await world.query<{ text: string }>(
          `select t::text as text from "${name}" t where t::text ~* '${pattern}'`,
        );
        return rows.map(({ text }) => `${name}: ${text.slice(0, 200)}`);
      }),
    );
    return found.flat();
  };
  const SOMEWHERE = '(^|[^[:alnum:]._%+-])jane[.]doe@sender[.]example';

  it('refuses while something of theirs is not finished, and says what to do', async () => {
    const bobs = `P-${(await ticketFor(world, 'mentions@mail.example')).id}`;
    const refused = await cli('erase', JANE, '--because', 'asked for it');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toBe(
      `partner-intake: nothing was erased: first end what is not finished: ticket ${jane.number} is open (partner-intake mark ${jane.number} resolved); ticket ${bobs} is open and names them (partner-intake mark ${bobs} resolved)\n`,
    );
    expect((await cli('erase', 'nobody', '--because', 'x')).code).toBe(2);
    expect((await cli('erase', 'Partner-Support@zohocorp.com', '--because', 'x')).stderr).toContain(
      'is a mailbox of ours',
    );
    expect((await cli('erase', JANE)).code).toBe(2);
    expect((await cli('mark', jane.number, 'resolved')).code).toBe(0);
    expect((await cli('mark', bobs, 'resolved')).code).toBe(0);
    await world.query(NOTICE(jane.id));
  });

  it('would do it, and does nothing', async () => {
    const before = await holding(SOMEWHERE);
    expect(before.length).toBeGreaterThan(5);
    const tried = await cli('erase', JANE, '--because', 'asked for it', '--dry-run');
    expect(tried).toMatchObject({ code: 0, stderr: '' });
    expect(tried.stdout).toMatch(
      /^would erase, as erased-[0-9a-f]{16}@erased\.invalid: the texts of 2 mails and 1 tickets/,
    );
    expect(await holding(SOMEWHERE)).toEqual(before);
  });

  it('takes address, names, texts and originals out of every table, and leaves the trail whole', async () => {
    const [clean, was] = [await audited(), await ticketOf(world.env, jane.number)];
    expect(clean.problems).toEqual([]);
    const done = await cli(
      'erase',
      'Jane.Doe@sender.example',
      '--because',
      `request of ${JANE}`,
      '--by',
      'the privacy desk',
    );
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(await holding(SOMEWHERE)).toEqual([]);
    expect(await holding('jane doe')).toEqual([]);
    // Nor what she wrote, in her mails, in what quotes them, and in what we wrote about them.
    const [left] = await world.query<{ texts: string }>(
      `select string_agg(concat(parsed->>'text', parsed->>'quoted', parsed->>'parts', parsed->>'attachments', mail.enquiry), '') as texts
       from mail where ticket_id = ${jane.id} or message_id = '<away@mail.example>'`,
    );
    expect(left?.texts).not.toMatch(/wrong results|shot gnp|reloaded the page/);
    expect(left?.texts).toContain('We ask [erased]');
    const letters = await world.query(
      `select from reply where message->>'text' <> '' and (ticket_id = ${jane.id} or message_id = '<notice@zohocorp.example>')`,
    );
    expect(letters).toEqual([]);
    const suppressed = await world.query<{ address: string }>('select address from suppressed');
    for (const { address } of suppressed) expect(address).toMatch(/^erased-/);
    // Who only has a longer address is somebody else.
    expect(await holding('maryjane[.]doe@sender[.]example')).toHaveLength(1);
    const originals = await world.query<{ message_id: string; dropped_because: string | null }>(
      `select message_id, dropped_because from original join mail on mail.id = mail_id order by 1`,
    );
    expect(
      originals.filter(({ dropped_because }) => dropped_because === 'erasure').map(({ message_id }) => message_id),
    ).toEqual([
      '<answer@mail.example>',
      '<away@mail.example>',
      '<bounce@mail.example>',
      '<jane@mail.example>',
      '<mentions@mail.example>',
    ]);

    expect(await audited()).toEqual(clean);
    const ticket = (await ticketsOf(world.env)).find(({ number }) => number === jane.number);
    expect(keysOf(ticket)).toEqual(TICKET_KEYS);
    const shown = await ticketOf(world.env, jane.number);
    expect(shown).toMatchObject({
      from: expect.stringMatching(/^erased-.*@erased\.invalid$/),
      subject: '',
      severity: was.severity,
      status: 'resolved',
    });
    expect({ ...shown, deadlines: null }).toHaveProperty('mails', was.mails);
    expect(shown.history.slice(0, was.history.length).map(({ at, by, what }) => ({ at, by, what }))).toEqual(
      was.history.map(({ at, by, what }) => ({ at, by, what })),
    );
    expect(await historyOf(world, jane.id)).toContainEqual(
      expect.objectContaining({
        by: 'associate',
        what: 'personal data erased',
        because: expect.stringMatching(/^erased-\S+: request of erased-\S+$/),
      }),
    );
    const [erasure] = await world.query(`select by, because, counts from erasure`);
    expect(erasure).toMatchObject({
      by: 'the privacy desk',
      counts: { mails: 2, tickets: 1, originals: 5, attachments: 3 },
    });
    expect((await cli('attachments', jane.number)).stdout).toMatch(/\(no name\).*its bytes were dropped/);
    expect((await cli('set', jane.number, 'superadmin', 'owner@large.example')).stderr).toContain(
      'its texts were dropped',
    );
  });

  it('once more finds nothing; and the same mail in the mailbox is not taken for a new one', async () => {
    const again = await cli('erase', JANE, '--because', 'again');
    expect(again.stdout).toMatch(/^nothing of them is in the ledger: erased on \d{4}-\d\d-\d\d as erased-/);
    expect(await world.query('select from erasure')).toHaveLength(1);
    const mails = (await world.query('select from mail')).length;
    await world.deliver([{ mailbox: 'eu', raw: letter({ id: 'marker@mail.example' }) }]);
    await writeFile(join(folder, 'away.eml'), AWAY);
    expect((await cli('ingest', join(folder, 'away.eml'))).stdout).toContain('known already, nothing done');
    await settledMail(world, 'marker@mail.example');
    expect(await world.query('select from mail')).toHaveLength(mails + 1);
    expect(await holding(SOMEWHERE)).toEqual([]);
  });
});

describe('retention', () => {
  const YEARS = 3 * 365;
  const kept = async () =>
    (
      await world.query<{ message_id: string }>(
        `select message_id from mail join original on mail_id = mail.id where raw is not null order by 1`,
      )
    ).map(({ message_id }) => message_id);

  it('drops the bytes of what is done with for so long: in one of several processes, once a day; the rest stays', async () => {
    expect(await opened.daemon.stop()).toBe(0);
    const other = `P-${(await ticketFor(world, 'other2@mail.example')).id}`;
    expect((await cli('mark', other, 'resolved')).code).toBe(0);
    const resolved = await kept();
    expect((await cli('retention', 'run', '--dry-run')).stdout).toMatch(
      /^would drop 0 originals \(0\.0 MB\) and the texts of 0 mails and 0 tickets \(originals are kept 730 days, texts forever\)/,
    );
    await world.query(`update mail set updated_at = updated_at - interval '${YEARS} days'`);
    await world.query(`update ticket set updated_at = updated_at - interval '${YEARS} days'`);
    // Done with for three years: one ticket. Nobody has looked at the answer to the other, though it is resolved.
    const [looked] = await world.query<{ id: number }>(
      `update ticket set status = 'resolved', answered_after_resolved = now() where subject = 'Request other1@mail.example' returning id`,
    );
    expect(looked).toBeDefined();

    const before = await audited();
    const ledgers = await Promise.all([openLedger(world.databaseUrl), openLedger(world.databaseUrl)]);
    const policy = loadPolicy(world.env.POLICY_DIR as string);
    const now = () => new Date();
    try {
      await world.query(`delete from setting where key = 'retention-run'`);
      const dropped = await Promise.all(ledgers.map(({ db }) => keepNoLonger({ db, policy, now })));
      expect(dropped.reduce((sum, one) => sum + (one?.originals ?? 0), 0)).toBe(1);
      expect(await kept()).toEqual(resolved.filter((id) => id !== '<other2@mail.example>'));
      expect(await audited()).toEqual(before);
      expect((await cli('attachments', other)).stdout).toContain('image001.png');
      expect((await cli('attachment', other, '1', '--out', join(folder, 'late'))).stderr).toMatch(
        /has no original any more: retention dropped it on/,
      );

      // Done for today: what becomes due now goes tomorrow.
      const [first] = ledgers;
      await world.query('update ticket set answered_after_resolved = null');
      const ctx = {
        db: first.db,
        policy: { ...policy, retention: { originalDays: 730, textDays: 730 } },
        log: createLogger('silent'),
        now,
      };
      await retentionPass(ctx);
      expect(await kept()).toContain('<other1@mail.example>');
      await retentionPass({ ...ctx, now: () => new Date(Date.now() + 25 * 3_600_000) });
      expect(await kept()).not.toContain('<other1@mail.example>');
      const texts = await world.query<{ subject: string; text: string; letter: string }>(
        `select ticket.subject, parsed->>'text' as text, message->>'text' as letter from ticket join mail on mail.id = ticket.mail_id
         join reply on reply.ticket_id = ticket.id where ticket.id in (${other.slice(2)}, ${looked?.id})`,
      );
      expect(texts).toEqual([0, 1].map(() => ({ subject: '', text: '', letter: '' })));
      expect((await audited()).problems).toEqual(before.problems);
      const open = await world.query(
        `select from mail join ticket on ticket.mail_id = mail.id where status = 'open' and parsed->>'text' = ''`,
      );
      expect(open).toEqual([]);
    } finally {
      await Promise.all(ledgers.map((ledger) => ledger.close()));
    }
  });
});
