/** The variables of the Desk portals: each of them, and each line that says what is wrong with one. */
import { describe, expect, it } from 'vitest';
import { DATA_CENTRES, type DeskConfig, readDesk } from '../../src/config-desk.ts';
import { UserError } from '../../src/errors.ts';

type Env = Readonly<Record<string, string>>;
const read = (env: Env, since: Date | null = null): DeskConfig | null =>
  readDesk({ env, secret: (name) => env[name] ?? null, date: (name) => (name === 'TICKETS_SINCE' ? since : null) });

const portal = (name: string, more: Env = {}): Env => ({
  [`DESK_${name}_DATA_CENTRE`]: 'eu',
  [`DESK_${name}_ORG_ID`]: '602389290',
  [`DESK_${name}_DEPARTMENT_ID`]: '189200000000006907',
  [`DESK_${name}_CLIENT_ID`]: '1000.A',
  [`DESK_${name}_CLIENT_SECRET`]: 'secret-1',
  [`DESK_${name}_REFRESH_TOKEN`]: 'secret-2',
  ...more,
});
const com = (more: Env = {}): Env => ({ TICKETS: 'desk:', ...portal('COM'), ...more });

describe('TICKETS', () => {
  it.each([[{}], [{ TICKETS: '' }], [{ TICKETS: ' ledger: ' }], [{ TICKETS: 'ledger:', ...portal('COM') }]])(
    '%j: tickets stay in the ledger',
    (env) => expect(read(env as Env)).toBeNull(),
  );

  it('desk: brings those of either mailbox to its own portal', () => {
    const config = read({ ...com(), ...portal('EU', { DESK_EU_DATA_CENTRE: ' IN ', DESK_EU_ORG_ID: '4711' }) });
    expect(config).toMatchObject({ since: null, webhooks: null });
    expect(config?.portals.com).toEqual({
      ...{ name: 'com', desk: 'https://desk.zoho.eu', accounts: 'https://accounts.zoho.eu', orgId: '602389290' },
      ...{ departmentId: '189200000000006907', clientId: '1000.A', clientSecret: 'secret-1', refreshToken: 'secret-2' },
    });
    expect(config?.portals.eu).toMatchObject({ name: 'eu', desk: 'https://desk.zoho.in', orgId: '4711' });
  });

  it('desk: with one portal has no other', () => {
    expect(Object.keys(read(com())?.portals ?? {})).toEqual(['com']);
    expect(Object.keys(read(com({ DESK_EU_ORG_ID: '' }))?.portals ?? {})).toEqual(['com']);
  });

  it('desk: from a day on', () => {
    const since = new Date('2026-03-01T00:00:00Z');
    expect(read(com(), since)?.since).toBe(since);
  });
});

describe('a data centre', () => {
  it.each(Object.entries(DATA_CENTRES))('%s is Desk and accounts of the same domain', (name, { desk, accounts }) => {
    expect(read(com({ DESK_COM_DATA_CENTRE: name }))?.portals.com).toMatchObject({ desk, accounts });
    expect(accounts).toBe(desk.replace('//desk.', '//accounts.'));
  });

  it('may be a server of a test on this machine', () => {
    const desk = 'http://127.0.0.1:4711';
    expect(read(com({ DESK_COM_DATA_CENTRE: `${desk}/` }))?.portals.com).toMatchObject({ desk, accounts: desk });
  });
});

describe('webhooks', () => {
  it.each([
    [{ DESK_WEBHOOK_PORT: '0' }, { host: '127.0.0.1', port: 0 }],
    [
      { DESK_WEBHOOK_PORT: ' 8443 ', DESK_WEBHOOK_HOST: '0.0.0.0' },
      { host: '0.0.0.0', port: 8443 },
    ],
    [{ DESK_WEBHOOK_PORT: '', DESK_WEBHOOK_HOST: '0.0.0.0' }, null],
  ])('%j', (env, webhooks) => expect(read(com(env as Env))?.webhooks).toEqual(webhooks));
});

describe('what is wrong is said, a line for each', () => {
  const problems = (env: Env): string[] => {
    try {
      read(env);
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      return (error as UserError).message.split('\n');
    }
    return [];
  };

  const CENTRES = 'us, eu, in, au, jp, ca, sa, cn, sg, ae';
  it.each<[Env, string]>([
    [{ TICKETS: 'desk' }, 'TICKETS: desk is not supported: leave it unset, or set it to ledger: or desk:'],
    [
      { TICKETS: 'desk:' },
      'DESK_COM_DATA_CENTRE: is not set: TICKETS=desk: needs a portal: set the DESK_COM_ variables',
    ],
    ...['DATA_CENTRE', 'ORG_ID', 'DEPARTMENT_ID', 'CLIENT_ID', 'CLIENT_SECRET', 'REFRESH_TOKEN'].map(
      (name): [Env, string] => [
        com({ [`DESK_COM_${name}`]: ' ' }),
        `DESK_COM_${name}: is not set: Desk portal com needs it`,
      ],
    ),
    [com({ DESK_COM_ORG_ID: 'zylker' }), `DESK_COM_ORG_ID: "zylker" is not an id: Desk's are numbers`],
    [
      com({ DESK_COM_DEPARTMENT_ID: '1'.repeat(21) }),
      `DESK_COM_DEPARTMENT_ID: "${'1'.repeat(21)}" is not an id: Desk's are numbers`,
    ],
    ...['com', 'constructor', 'https://desk.zoho.com', 'http://desk.zoho.example', 'http://localhost:1'].map(
      (value): [Env, string] => [
        com({ DESK_COM_DATA_CENTRE: value }),
        `DESK_COM_DATA_CENTRE: is not a data centre of Zoho: write one of ${CENTRES}`,
      ],
    ),
    ...['x', '65536', '-1', '80.5', '100000'].map((value): [Env, string] => [
      com({ DESK_WEBHOOK_PORT: value }),
      `DESK_WEBHOOK_PORT: "${value}" is not a port: write a number from 0 to 65535 (0: any free one)`,
    ]),
  ])('%j', (env, line) => expect(problems(env)).toEqual([line]));

  it('all at once, and no secret among them', () => {
    const lines = problems({
      ...com({ DESK_COM_ORG_ID: 'x', DESK_WEBHOOK_PORT: 'x' }),
      DESK_EU_CLIENT_SECRET: 'secret-3',
    });
    expect(lines).toHaveLength(1 + 1 + 5);
    expect(lines.join('\n')).not.toContain('secret-');
  });
});
