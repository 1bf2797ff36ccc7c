/** A backlog of tickets that wait for the licence service: it is not hammered, nobody waits for each of them, and all are decided when it answers. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHttpsDirectory } from '../../src/adapters/licences/licences-https.ts';
import { decidePending } from '../../workers/clock.ts';
import { clockWorld, MONDAY, small } from '../support/clock-world.ts';
import { run } from '../support/daemon.ts';
import { letter } from '../support/letters.ts';
import { type LicenceServiceDouble, selfSigned, startLicenceService } from '../support/licence-service.ts';
import { until } from '../support/wait.ts';

const TICKETS = 25;
const row = {
  ...{ superadminEmail: 'owner@small.example', domain: 'small.example', country: 'DE', service: 'Zoho Desk' },
  ...{ licences: 59, status: 'active' },
};
const world = clockWorld();
let service: LicenceServiceDouble;
beforeAll(async () => {
  service = await startLicenceService([row]);
});
afterAll(() => service?.stop());

const pending = async (): Promise<number> => (await world.query('select from ticket where directory_pending')).length;

it('while it hangs a backlog costs a few questions and no wait; when it answers, all of it is decided', async () => {
  const limits = { beginMs: 150, retries: 0, openMs: [400, 400] as const };
  const directory = createHttpsDirectory({ url: service.url, token: () => 'sesame' }, { limits });
  const under = world.at(MONDAY, { ...world.ctx, directory });
  service.fault('hang');
  for (let at = 0; at < TICKETS; at += 1) await world.arrive(small(`waiting${at}`), MONDAY, under);
  expect(await pending()).toBe(TICKETS);
  // Each would have asked two questions and waited for them.
  expect(service.asked.length).toBeLessThan(12);

  const before = service.asked.length;
  await decidePending(under);
  expect(await pending()).toBe(TICKETS);
  expect(service.asked.length - before).toBeLessThan(12);

  service.fault(null);
  await until(async () => {
    await decidePending(under);
    return (await pending()) === 0;
  });
  const [ticket] = await world.query<{ id: string }>('select id from ticket limit 1');
  expect((await world.shown(Number(ticket?.id))).decision).toMatchObject({
    account: { superadminEmail: 'owner@small.example', licences: 59 },
    directory: { answeredAt: MONDAY },
    tags: expect.not.arrayContaining(['directory-unreachable']),
  });
});

it('a stale answer is a decision, with its age', async () => {
  let time = Date.parse(MONDAY);
  const now = () => new Date(time);
  const options = { now, limits: { retries: 0 } };
  const directory = createHttpsDirectory({ url: service.url, token: () => 'sesame' }, options);
  const under = { ...world.ctx, directory };
  service.fault(null);
  await directory.find('superadminEmail', row.superadminEmail);
  await directory.find('domain', row.domain);
  service.fault(500);
  time += 3 * 3_600_000;
  const ticket = await world.arrive(small('stale'), now().toISOString(), under);
  service.fault(null);
  expect((await world.shown(ticket)).decision).toMatchObject({
    provisional: false,
    account: { licences: 59 },
    directory: { askedAt: now().toISOString(), answeredAt: now().toISOString(), ageSeconds: 3 * 3_600 },
  });
});

it('commands ask it, end at once, and doctor names what is wrong', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'licences-'));
  try {
    const file = join(folder, 'mail.eml');
    const tokenFile = join(folder, 'token');
    await writeFile(file, letter(small('asked')));
    await writeFile(tokenFile, 'sesame\n');
    const wrongToken = join(folder, 'wrong-token');
    await writeFile(wrongToken, 'open');
    await using secure = new AsyncDisposableStack();
    const certificate = selfSigned(folder);
    const behindTls = await startLicenceService([row], certificate);
    secure.defer(() => behindTls.stop());
    const env = { LICENCES: service.url.href, LICENCES_TOKEN_FILE: tokenFile, DATABASE_URL: world.url };
    const LICENCES = behindTls.url.href;
    const line = async (more: Record<string, string>) =>
      (await run(['doctor'], { ...env, ...more })).stdout.split('\n').find((one) => one.includes('licences:'));
    const [inspected, ...lines] = await Promise.all([
      run(['inspect', '--json', file], { ...env, LICENCES, NODE_EXTRA_CA_CERTS: certificate.certPath }),
      line({ LICENCES_TOKEN_FILE: wrongToken }),
      line({ LICENCES }),
    ]);
    expect(inspected).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(inspected.stdout).decision.account).toMatchObject({ licences: 59 });
    expect(lines).toEqual([
      `WRONG  licences: LICENCES_TOKEN: ${service.url.href} refuses it (401): set LICENCES_TOKEN or LICENCES_TOKEN_FILE to a valid one`,
      expect.stringMatching(
        /^WRONG {2}licences: LICENCES: https:.* cannot be reached: .*: its certificate is not trusted here; NODE_EXTRA_CA_CERTS names/,
      ),
    ]);
    expect(behindTls.asked, 'doctor told nothing to one who is not trusted').toEqual([
      ...['superadminEmail=owner@small.example', 'domain=small.example'],
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
