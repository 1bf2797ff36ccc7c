/** Attachments, retention and erasure on a ledger that a daemon filled: what is listed, what is served, what is gone, and that nothing is unexplained afterwards. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLedger } from '../../src/ledger/open.ts';
import { createLogger } from '../../src/log.ts';
import { loadPolicy } from '../../src/policy.ts';
import { keepNoLonger, retentionPass } from '../../src/stages/keep-no-longer.ts';
import { type Daemon, run, startDaemon } from '../support/daemon.ts';
import { png } from '../support/files.ts';
import { keysOf, TICKET_KEYS, ticketOf, ticketsOf } from '../support/json-shapes.ts';
import { historyOf, replyIn, settledMail, ticketFor } from '../support/ledger-view.ts';
import { letter } from '../support/letters.ts';
import { until } from '../support/wait.ts';
import { openWorld, type World } from '../support/world.ts';

const JANE = 'jane.doe@sender.example';
const LOGO = png(500, 300);
const SHOT = png(1280, 720);
const AWAY = letter({ id: 'away@mail.example', from: `Jane Doe <${JANE}>`, headers: ['Auto-Submitted: auto-replied'] });
const PROGRAM = Buffer.from('MZ\x90\0\x03\0\0\0 run me', 'latin1');

type File = { readonly name: string; readonly type: string; readonly bytes: Buffer; readonly cid?: string };

/** A letter with files, as bytes. */
function withFiles(of: Parameters<typeof letter>[0], files: readonly File[]): string {
  const [head = '', ...body] = letter(of).split('\r\n\r\n');
  const parts = files.map(({ name, type, bytes, cid }) =>
    [
      `--b\r\nContent-Type: ${type}; name="${name}"\r\nContent-Transfer-Encoding: base64`,
      cid
        ? `Content-ID: <${cid}>\r\nContent-Disposition: inline`
        : `Content-Disposition: attachment; filename="${name}"`,
      '',
      bytes.toString('base64').replace(/.{76}/g, '$&\r\n'),
    ].join('\r\n'),
  );
  return [
    head.replace('text/plain; charset=utf-8', 'multipart/mixed; boundary=b'),
    '',
    '--b\r\nContent-Type: text/plain; charset=utf-8',
    '',
    body.join('\r\n\r\n'),
    ...parts,
    '--b--',
    '',
  ].join('\r\n');
}

/** A report that a letter of ours did not reach Jane. */
const bounceOf = (messageId: string): string =>
  [
    'From: MAILER-DAEMON@mx.example',
    'To: partner-support@zohocorp.com',
    'Subject: Undelivered mail',
    'Message-ID: <bounce@mail.example>',
    'Return-Path: <>',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    `Your message to ${JANE} could not be delivered.`,
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example',
    '',
    `Final-Recipient: rfc822; ${JANE}`,
    'Action: failed',
    'Status: 5.1.1',
    `Diagnostic-Code: smtp; 550 no such user <${JANE}>`,
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: ${messageId}`,
    `To: ${JANE}`,
    '--b--',
    '',
  ].join('\r\n');

/** What the clock writes when people inside are told of a ticket. */
const NOTICE = (ticket: number): string => `
  with mailed as (
    insert into reply (kind, mailbox, recipient, partner_key, message_id, message, state, created_at)
    values ('notice', 'com', 'lead@inside.example', '', '<notice@zohocorp.example>', jsonb_build_object('to', 'lead@inside.example',
      'subject', 'Breach', 'text', 'P-${ticket} Jane Doe: totals, from ${JANE}', 'html', '<b>Jane Doe</b>'), 'sent', now()) returning id),
  noted as (
    insert into notice (key, kind, level, region, mailbox, ticket_id, because, addressed, created_at)
    values ('breach ${JANE}', 'breach', 'lead', 'india', 'com', ${ticket}, 'Jane Doe waits', true, now()) returning id)
  insert into notice_recipient (notice_id, recipient, reply_id)
  select noted.id, 'lead@inside.example', mailed.id from noted, mailed`;

const logo: File = { name: 'image001.png', type: 'image/png', bytes: LOGO, cid: 'logo@x.example' };
let world: World;
let daemon: Daemon | undefined;
let folder: string;
let jane: { id: number; number: string };

const cli = (...args: string[]) => run(args, world.env);
const deliver = async (id: string, raw: string) => {
  await world.deliver([{ mailbox: 'com', raw }]);
  return await settledMail(world, id);
};
const audited = async () => JSON.parse((await cli('audit', '--json')).stdout);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attachments-'));
  world = await openWorld({ queue: 'postgresql' });
  daemon = startDaemon(world.env);
  const files: File[] = [
    { name: '../../shot \u202egnp.png', type: 'image/png', bytes: SHOT },
    { name: 'invoice.pdf', type: 'application/pdf', bytes: PROGRAM },
    logo,
  ];
  await deliver(
    'jane@mail.example',
    withFiles({ id: 'jane@mail.example', from: `Jane Doe <${JANE}>`, subject: 'Jane Doe: totals' }, files),
  );
  const { id } = await ticketFor(world, 'jane@mail.example');
  jane = { id, number: `P-${id}` };
  for (const other of ['other1', 'other2']) {
    const id = `${other}@mail.example`;
    await deliver(id, withFiles({ id, from: `Agent <${other}@sender.example>` }, [logo]));
  }
  const [reply] = await world.query<{ message_id: string }>(`select message_id from reply where ticket_id = ${id}`);
  const answer = letter({
    ...{ id: 'answer@mail.example', from: 'Colleague <colleague@sender.example>', subject: 'Re: Jane Doe: totals' },
    headers: [`In-Reply-To: ${reply?.message_id}`, `References: <jane@mail.example> ${reply?.message_id}`],
    lines: [
      `We ask Jane Doe, it is nobody@unknown.example.`,
      '',
      `On Monday Jane Doe <${JANE}> wrote:`,
      '> The report shows wrong results',
    ],
  });
  expect(await deliver('answer@mail.example', answer)).toMatchObject({ state: 'appended', ticket_id: id });
  await deliver('away@mail.example', AWAY);
  const lines = [
    'Zoho product name: Zoho CRM',
    'Super admin email: nobody@unknown.example',
    `Please copy <mailto:Jane.Doe@Sender.EXAMPLE> and not mary${JANE}.`,
  ];
  await deliver(
    'mentions@mail.example',
    letter({ id: 'mentions@mail.example', from: 'Bob <bob@other.example>', lines }),
  );
  await deliver('bounce@mail.example', bounceOf(reply?.message_id ?? ''));
  await replyIn(world, 'jane@mail.example', ['sent']);
  await until(
    async () => (await world.query("select from reply where state in ('intended', 'sending')")).length === 0,
    { timeout: 30_000, every: 50 },
  );
}, 120_000);
afterAll(async () => {
  await daemon?.kill9();
  await world?.close();
  await rm(folder, { recursive: true, force: true });
});

describe('attachments', () => {
  it('are listed with what they are: names made safe, dangers and logos marked', async () => {
    const listed = await cli('attachments', jane.number, '--json');
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    const all = listed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(all).toMatchObject([
      {
        number: 1,
        filename: 'shot gnp.png',
        sniffed: 'image/png',
        role: 'screenshot',
        dangerous: null,
        size: SHOT.length,
      },
      {
        number: 2,
        filename: 'invoice.pdf',
        declared: 'application/pdf',
        sniffed: 'application/x-msdownload',
        role: 'document',
      },
      // Large enough for a screenshot; two other tickets of the domain have the very same.
      { number: 3, filename: 'image001.png', role: 'logo', otherTickets: 2 },
    ]);
    expect(all[1].dangerous).toMatch(/program/);
    expect(all[0].sha256).toBe(createHash('sha256').update(SHOT).digest('hex'));
    expect((await cli('ticket', jane.number)).stdout).toMatch(
      /Attachments\n {2}1 {2}shot gnp\.png .*\n.*DANGEROUS: a program/,
    );
    expect(await cli('attachments', 'P-9')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no ticket P-9'),
    });
  });

  it('of a mail that was read before hashes were kept are found in its original', async () => {
    const { id } = await settledMail(world, 'jane@mail.example');
    const listed = (await cli('attachments', jane.number)).stdout;
    await world.query(`delete from attachment where mail_id = ${id}`);
    expect((await cli('attachments', jane.number)).stdout).toBe(listed);
    expect(await world.query(`select from attachment where mail_id = ${id}`)).toHaveLength(3);
  });

  it('are kept once: the bytes are in the original, and nowhere else', async () => {
    const base64 = SHOT.toString('base64').slice(0, 70);
    for (const table of ['mail', 'ticket', 'attachment', 'event', 'reply'])
      expect(await world.query(`select from ${table} t where t::text like '%${base64}%'`)).toEqual([]);
  });

  it('are written by number or hash; a dangerous one only when forced, none over another file', async () => {
    const out = join(folder, 'shot.png');
    expect(await cli('attachment', jane.number, '1', '--out', out)).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(out)).toEqual(SHOT);
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    await writeFile(out, 'mine');
    const again = await cli('attachment', jane.number, '1', '--out', out);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') });
    expect(await readFile(out, 'utf8')).toBe('mine');
    const program = join(folder, 'program');
    const hash = createHash('sha256').update(PROGRAM).digest('hex').slice(0, 12);
    expect(await cli('attachment', hash, '--out', program)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/dangerous: a program .*--force/),
    });
    expect(await cli('attachment', hash, '--force', '--out', program)).toMatchObject({ code: 0 });
    expect(await readFile(program)).toEqual(PROGRAM);
    expect((await cli('attachment', 'P-1001', '--out', program)).code).toBe(2);
  });

  it('are served by the console to be saved, never to be shown', async () => {
    const [, base] = /"url":"(http:[^"]+)"/.exec(daemon?.output() ?? '') ?? [];
    const page = await (await fetch(`${base}tickets/${jane.number}`)).text();
    expect(page).toContain(`href="/tickets/${jane.number}/attachments/1"`);
    expect(page).toContain('dangerous: a program');
    const [shot, program, none] = await Promise.all(
      [1, 2, 9].map((n) => fetch(`${base}tickets/${jane.number}/attachments/${n}`)),
    );
    expect(Buffer.from((await shot?.arrayBuffer()) ?? new ArrayBuffer())).toEqual(SHOT);
    expect(Object.fromEntries(shot?.headers ?? [])).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': `attachment; filename="shot gnp.png"; filename*=UTF-8''shot%20gnp.png`,
      'x-content-type-options': 'nosniff',
    });
    expect(program?.headers.get('content-type')).toBe('application/octet-stream');
    expect(program?.headers.get('content-disposition')).toContain('filename="invoice.pdf.dangerous"');
    expect(none?.status).toBe(404);
  });

  it('of a damaged original are not served', async () => {
    const { id } = await settledMail(world, 'other1@mail.example');
    const number = `P-${(await ticketFor(world, 'other1@mail.example')).id}`;
    await world.query(`update original set raw = overlay(raw placing 'X' from 5) where mail_id = ${id}`);
    const refused = await cli('attachment', number, '1', '--out', join(folder, 'damaged'));
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('damaged original') });
  });
});

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
    const refused = await cli('erase', JANE, '--because', 'asked for it');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toBe(
      `partner-intake: nothing was erased: first end what is not finished: ticket ${jane.number} is open (partner-intake mark ${jane.number} resolved)\n`,
    );
    expect((await cli('erase', 'nobody', '--because', 'x')).code).toBe(2);
    expect((await cli('erase', 'Partner-Support@zohocorp.com', '--because', 'x')).stderr).toContain(
      'is a mailbox of ours',
    );
    expect((await cli('erase', JANE)).code).toBe(2);
    expect((await cli('mark', jane.number, 'resolved')).code).toBe(0);
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
    expect(await daemon?.stop()).toBe(0);
    daemon = undefined;
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
