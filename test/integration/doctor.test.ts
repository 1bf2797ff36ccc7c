/** `doctor` and `policy check`: what is wrong is said in plain words, and told by the exit code. */
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaint } from '../support/complaint.ts';
import { run } from '../support/daemon.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { openWorld, type World } from '../support/world.ts';

const POLICY = resolve(import.meta.dirname, '../../policy');

describe('doctor', () => {
  let world: World;
  let forgetful: RedisServer;
  beforeAll(async () => {
    world = await openWorld({ queue: 'redis' });
    forgetful = await startRedis({ policy: 'allkeys-lru' });
  });
  afterAll(async () => {
    await forgetful?.stop();
    await world?.close();
  });

  it('all is well', async () => {
    const outcome = await run(['doctor'], world.env);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    const port = world.dovecot.port;
    expect(outcome.stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^ok {5}policy: .*policy is valid \([0-9a-f]{16}\)$/),
      'ok     database: answers, schema up to date',
      expect.stringMatching(/^ok {5}queue: Redis [\d.]+ answers, maxmemory-policy noeviction$/),
      expect.stringMatching(/^ok {5}licences: .*licences\.csv holds 3 subscriptions of 3 accounts$/),
      expect.stringMatching(/^ok {5}partners: .*partners\.csv holds 1 partners$/),
      `ok     mailbox com: 127.0.0.1:${port} answers, INBOX holds 0 messages, IDLE yes, UIDPLUS yes`,
      `ok     mailbox eu: 127.0.0.1:${port} answers, INBOX holds 0 messages, IDLE yes, UIDPLUS yes`,
      `ok     smtp com: 127.0.0.1:${world.sinks.com.port} answers and accepts the login`,
      `ok     smtp eu: 127.0.0.1:${world.sinks.eu.port} answers and accepts the login`,
      'Everything that is configured works.',
    ]);
  });

  it('each thing that is wrong is said, and does not hide the others', async () => {
    await world.sinks.eu.fail('refuse');
    const outcome = await run(['doctor'], {
      ...world.env,
      MAILBOX_COM_PASSWORD: 'wrong',
      MAILBOX_EU: world.env.MAILBOX_EU?.replace('INBOX', 'Elsewhere') ?? '',
      REDIS_URL: forgetful.url,
      LICENCES: 'csv:/nowhere/licences.csv',
    });
    await world.sinks.eu.fail(null);
    expect(outcome).toMatchObject({ code: 1, stderr: '' });
    const lines = outcome.stdout.trimEnd().split('\n');
    expect(lines.filter((line) => !line.startsWith('ok'))).toEqual([
      'WRONG  queue: REDIS_URL: Redis may throw jobs away (maxmemory-policy allkeys-lru): set it to noeviction',
      "WRONG  licences: LICENCES: cannot read /nowhere/licences.csv: ENOENT: no such file or directory, open '/nowhere/licences.csv'",
      `WRONG  mailbox com: 127.0.0.1:${world.dovecot.port} refuses the password of com: check it (Zoho wants an app password)`,
      'WRONG  mailbox eu: eu has no folder Elsewhere',
      `WRONG  smtp eu: connect ECONNREFUSED 127.0.0.1:${world.sinks.eu.port}`,
      '5 of the above must be mended.',
    ]);
    expect(lines.filter((line) => line.startsWith('ok')).map((line) => line.slice(7).split(':', 1)[0])).toEqual([
      'policy',
      'database',
      'partners',
      'smtp com',
    ]);
  });

  it('stores that are down are told apart from what works', async () => {
    const outcome = await run(['doctor'], {
      DATABASE_URL: 'postgres://ana:secret@127.0.0.1:1/intake',
      REDIS_URL: 'redis://127.0.0.1:1',
    });
    expect(outcome).toMatchObject({ code: 1, stderr: '' });
    expect(outcome.stdout).toMatch(/^WRONG {2}database: DATABASE_URL: the database cannot be used: .*ECONNREFUSED/m);
    expect(outcome.stdout).toMatch(/^WRONG {2}queue: REDIS_URL: Redis cannot be reached: .+$/m);
    expect(outcome.stdout).toContain('note   no mailbox is configured: set MAILBOX_COM and MAILBOX_EU');
    expect(outcome.stdout).not.toContain('secret');
  });

  it('start refuses a Redis that may throw jobs away, in one line', async () => {
    const outcome = await run(['start'], { ...world.env, REDIS_URL: forgetful.url });
    expect(complaint(outcome)).toBe(
      'REDIS_URL: Redis may throw jobs away (maxmemory-policy allkeys-lru): set it to noeviction',
    );
    expect(outcome.code).toBe(1);
  });
});

describe('policy check', () => {
  let folder: string;
  const check = () => run(['policy', 'check'], { POLICY_DIR: folder });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'policy-'));
    await cp(POLICY, folder, { recursive: true });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('the policy as it is', async () => {
    const outcome = await check();
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toMatch(/^policy [0-9a-f]{16} is valid, \d+ cases decide as they say\n(note: .+\n)+$/);
  });

  it('a case that is decided otherwise', async () => {
    await appendFile(
      join(folder, 'cases.yaml'),
      '\n  - name: a wish\n    from: ana@nowhere.example\n    text: It is down for all users.\n    expect: { severity: S3 }\n    reasons: [no.such.rule]\n',
    );
    const outcome = await check();
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    const [first, ...rest] = outcome.stderr.trimEnd().split('\n');
    expect(first).toMatch(/^partner-intake: 2 differences in \d+ cases:$/);
    expect(rest).toEqual([
      'a wish: severity is "S1", expected "S3"',
      expect.stringMatching(/^a wish: the reason no\.such\.rule is missing; there are /),
    ]);
  });

  it('a typo names its file and place, and stops the start too', async () => {
    const file = join(folder, 'outbound.yaml');
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace('maxRepliesPerTicket: 4', 'maxRepliesPerTicket: many'),
    );
    const checked = await check();
    expect(checked).toMatchObject({ code: 1, stdout: '' });
    expect(checked.stderr).toMatch(
      /^partner-intake: the policy is not valid:\n.*outbound\.yaml: maxRepliesPerTicket: .+\n$/,
    );
    // What is wrong with the cases is said along with it.
    const cases = join(folder, 'cases.yaml');
    const source = await readFile(cases, 'utf8');
    await appendFile(cases, '\n  - { name: unheard of, from: ana@nowhere.example, exspect: {} }\n');
    const { stderr } = await check();
    expect(stderr).toContain('outbound.yaml: maxRepliesPerTicket: ');
    expect(stderr).toMatch(/cases\.yaml: cases\.\d+: .*exspect/);
    await writeFile(cases, source);
    const mail = join(folder, 'mail.eml');
    await writeFile(mail, 'Subject: x\r\n\r\nx\r\n');
    const inspected = await run(['inspect', mail], { POLICY_DIR: folder });
    expect(inspected).toMatchObject({ code: 1, stdout: '', stderr: checked.stderr });
  });
});
