/** `doctor` and a Desk portal: each misconfiguration is one line that says what to do. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { messageOf } from '../../src/errors.ts';
import { openPortalMemory } from '../../src/ledger/desk-portals.ts';
import { openLedger } from '../../src/ledger/open.ts';
import type { PortalState } from '../../src/ports.ts';
import { run } from '../support/daemon.ts';
import { CUSTOM_FIELDS } from '../support/desk/fields.ts';
import { DEFAULT_SCOPES } from '../support/desk/oauth.ts';
import type { PortalOptions } from '../support/desk/portals.ts';
import { type DeskDouble, type DeskOptions, startDeskDouble } from '../support/desk/server.ts';
import { failureOf, openDeskPortal, portalOf } from '../support/desk-portal.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { quickPolicy } from '../support/quick-policy.ts';

const open: DeskDouble[] = [];
afterEach(async () => {
  for (const double of open.splice(0)) await double.stop();
});
/** A portal as policy/desk.yaml describes it, apart from `portal`. */
async function start({ portal = {}, ...options }: DeskOptions & { portal?: PortalOptions } = {}): Promise<DeskDouble> {
  const one = { edition: 'PROFESSIONAL', users: 10, companyName: 'Zylker', ...portal } as const;
  const double = await startDeskDouble({ portals: [one], ...options });
  open.push(double);
  return double;
}
const without = (...scopes: string[]): string[] => DEFAULT_SCOPES.filter((scope) => !scopes.includes(scope));
const field = (name: string, change: object | null) =>
  CUSTOM_FIELDS.flatMap((one) => (one.apiName === name ? (change ? [{ ...one, ...change }] : []) : [one]));

type Case = readonly [
  what: string,
  line: RegExp,
  server: Parameters<typeof start>[0],
  portal?: Parameters<typeof portalOf>[1],
];
const WRONG: readonly Case[] = [
  [
    'the client',
    /^Zoho refuses the client of Desk portal com \(invalid_client\): check DESK_COM_CLIENT_ID and .*DESK_COM_DATA_CENTRE$/,
    {},
    { clientId: 'x' },
  ],
  [
    'the refresh token',
    /^Zoho refuses the refresh token .*\(invalid_code\): it was revoked or mistyped: make a new one and set DESK_COM_REFRESH_TOKEN/,
    {},
    { refreshToken: 'x' },
  ],
  [
    'one scope',
    /^the token lacks the scope Desk\.tickets\.UPDATE: make a refresh token that has it, and set DESK_COM_REFRESH_TOKEN$/,
    { scopes: without('Desk.tickets.UPDATE') },
  ],
  [
    'two scopes',
    /^the token lacks the scope Desk\.contacts\.CREATE, Desk\.settings\.READ: make a refresh token that has them/,
    { scopes: without('Desk.contacts.CREATE', 'Desk.settings.READ') },
  ],
  [
    'the organisation',
    /^DESK_COM_ORG_ID: 4711 is no organisation of this token; it sees \d+ \(Zylker\)$/,
    {},
    { orgId: '4711' },
  ],
  [
    'the department',
    /^DESK_COM_DEPARTMENT_ID: 4712 is no department of the portal; it has \d+ \(Partner Support\)$/,
    {},
    { departmentId: '4712' },
  ],
  [
    'a field',
    /^field cf_service_name is missing: make it \(Setup > .*a single line of text\), or name another one in policy\/desk\.yaml$/,
    { portal: { fields: field('cf_service_name', null) } },
  ],
  [
    'the type of a field',
    /^field cf_priority_customer_large_user_account is of type Text, it has to be a checkbox/,
    { portal: { fields: field('cf_priority_customer_large_user_account', { type: 'Text' }) } },
  ],
  [
    'the length of a field',
    /^field cf_source_message_key holds 30 characters, it needs 64: lengthen it/,
    { portal: { fields: field('cf_source_message_key', { maxLength: 30 }) } },
  ],
  [
    'a severity',
    /^field cf_severity has no value S2: add it/,
    { portal: { fields: field('cf_severity', { allowedValues: ['S1', 'S3'] }) } },
  ],
  [
    'two fields',
    /^field cf_service_name is missing: .*; field cf_service_organisation_id is missing/,
    { portal: { fields: CUSTOM_FIELDS.filter(({ apiName }) => !apiName.startsWith('cf_service')) } },
  ],
  [
    'the edition',
    /^the portal's edition is enterprise, policy\/desk\.yaml says professional: set edition: enterprise there/,
    { portal: { edition: 'ENTERPRISE' } },
  ],
];

describe('the check of a portal', () => {
  it.each(WRONG.map(([what, line, server, portal = {}]) => ({ what, line, server, portal })))(
    '$what is wrong',
    async ({ line, server, portal }) => {
      const double = await start(server);
      const { system } = openDeskPortal(double, { portal });
      const said = await system.check().then(String, messageOf);
      expect(said).toMatch(line);
      // What is refused is no secret, and what is secret is not said.
      expect(said).not.toMatch(/not-a-secret|1000\.refresh/);
    },
  );

  it('the data centre is wrong: the token is of another one', async () => {
    const [here, there] = [await start(), await start()];
    const { system } = openDeskPortal(here, { portal: { desk: there.url } });
    const said = await system.check().then(String, messageOf);
    expect(said).toMatch(
      /does not take a token that Zoho has just given: is DESK_COM_DATA_CENTRE that of the portal\?$/,
    );
  });

  it('the credits are gone, or nobody answers', async () => {
    const poor = await start({ portal: { limits: { creditsPerDay: 5 } } });
    expect(await openDeskPortal(poor).system.check().then(String, messageOf)).toMatch(
      /the day's API credits of the portal are used up \(until /,
    );
    const gone = await startDeskDouble();
    await gone.stop();
    expect(await openDeskPortal(gone).system.check().then(String, messageOf)).toMatch(
      /accounts server broke: .*ECONNREFUSED/,
    );
  });

  it('all is in order, also by ALL scopes; what was stopped goes on', async () => {
    const scopes = [
      'Desk.tickets.ALL',
      'Desk.contacts.WRITE',
      'Desk.contacts.READ',
      'Desk.search.READ',
      'Desk.basic.READ',
      'Desk.settings.READ',
    ];
    const double = await start({ scopes });
    const { memory } = openDeskPortal(double, { portal: { clientSecret: 'x' } });
    const wrong = openDeskPortal(double, { memory, portal: { clientSecret: 'x' } }).system;
    await failureOf(wrong.find('key', new Date()));
    expect(memory.state.stopped).not.toBeNull();
    const { system } = openDeskPortal(double, { memory });
    expect(await system.check()).toMatch(
      /^answers as Zylker, department Partner Support, fields in order, 79\d{3} credits left$/,
    );
    expect(memory.state.stopped).toBeNull();
    expect(double.tickets()).toEqual([]);
    expect(double.contacts()).toEqual([]);
  });

  it('says what it cannot see', async () => {
    const double = await start({ portal: { fields: field('cf_severity', { allowedValues: undefined }) } });
    expect(await openDeskPortal(double).system.check()).toMatch(
      /fields in order, .*; Desk does not show the values of cf_severity: see for yourself that it has S1, S2, S3$/,
    );
  });

  it('spends few tokens, and none when few are left', async () => {
    const double = await start();
    const { system } = openDeskPortal(double);
    for (let n = 0; n < 10; n++) await system.check();
    expect(double.tokensGiven()).toBe(6);
  });
});

describe('doctor', () => {
  it('leaves the ledger to remember whose token and whose stop it is', async () => {
    const ledger = await openLedger(await postgres.freshDatabase());
    const memory = openPortalMemory(ledger.db, 'eu');
    const empty = { token: null, refreshedAt: [], stopped: null, remaining: null };
    const time = new Date('2026-11-22T10:00:00Z');
    const states: PortalState[] = [
      {
        ...empty,
        token: { value: 'token', expiresAt: time, credentials: 'one' },
        stopped: { until: time, because: 'revoked', credentials: 'two' },
      },
      { ...empty, refreshedAt: [time], stopped: { until: time, because: 'used up', credentials: null } },
      { ...empty, remaining: { credits: 7, at: time } },
    ];
    try {
      expect(await memory.read()).toEqual(empty);
      for (const state of states) {
        await memory.change(async () => ({ state, result: null }));
        expect(await memory.read()).toEqual(state);
      }
    } finally {
      await ledger.close();
    }
  });

  let postgres: PostgresServer;
  let folder: string;
  let env: Record<string, string>;
  beforeAll(async () => {
    postgres = await startPostgres();
    folder = await mkdtemp(join(tmpdir(), 'desk-doctor-'));
    env = {
      DATABASE_URL: await postgres.freshDatabase(),
      VAR_DIR: folder,
      POLICY_DIR: await quickPolicy(folder),
      TICKETS: 'desk:',
    };
  });
  afterAll(async () => {
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const variables = (name: string, double: DeskDouble) => {
    const { orgId, departmentId, clientId, clientSecret, refreshToken } = portalOf(double);
    const values = {
      DATA_CENTRE: double.url,
      ORG_ID: orgId,
      DEPARTMENT_ID: departmentId,
      CLIENT_ID: clientId,
      CLIENT_SECRET: clientSecret,
      REFRESH_TOKEN: refreshToken,
    };
    return Object.fromEntries(Object.entries(values).map(([key, value]) => [`DESK_${name}_${key}`, value]));
  };

  it('names each portal, what is right and what is wrong', async () => {
    const [com, eu] = [await start(), await start({ scopes: without('Desk.search.READ') })];
    const outcome = await run(['doctor'], { ...env, ...variables('COM', com), ...variables('EU', eu) });
    expect(outcome).toMatchObject({ code: 1, stderr: '' });
    expect(outcome.stdout.split('\n').filter((line) => line.includes(' desk '))).toEqual([
      expect.stringMatching(
        /^ok {5}desk com: answers as Zylker, department Partner Support, fields in order, \d+ credits left$/,
      ),
      'WRONG  desk eu: the token lacks the scope Desk.search.READ: make a refresh token that has it, and set DESK_EU_REFRESH_TOKEN',
    ]);
  });
});
