/** What no engine is needed to see: docker-compose.yml, Dockerfile and .env.example agree with each other and with the program. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { CORE_SCHEMA, load, mergeTag } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readConfig } from '../../src/config.ts';

const ROLES = ['poll', 'classify', 'reply', 'clock', 'deliver', 'console'];

/** Every variable that others may script against. */
const VARIABLES = [
  ...['COM', 'EU'].flatMap((name) => [
    `MAILBOX_${name}`,
    `MAILBOX_${name}_PASSWORD`,
    `MAILBOX_${name}_PASSWORD_FILE`,
    `MAILBOX_${name}_SINCE`,
    `SMTP_${name}`,
    `SMTP_${name}_PASSWORD`,
    `SMTP_${name}_PASSWORD_FILE`,
    ...['DATA_CENTRE', 'ORG_ID', 'DEPARTMENT_ID', 'CLIENT_ID'].map((part) => `DESK_${name}_${part}`),
    ...['CLIENT_SECRET', 'REFRESH_TOKEN'].flatMap((part) => [`DESK_${name}_${part}`, `DESK_${name}_${part}_FILE`]),
  ]),
  // Shown once, for the other mailbox and the ways out the same.
  ...['CLIENT_ID', 'DATA_CENTRE', 'TOKEN_URL', 'SCOPE', 'EXPIRES'].map((part) => `MAILBOX_COM_OAUTH_${part}`),
  ...['CLIENT_SECRET', 'REFRESH_TOKEN'].flatMap((part) => [
    `MAILBOX_COM_OAUTH_${part}`,
    `MAILBOX_COM_OAUTH_${part}_FILE`,
  ]),
  'MAILBOX_COM_PASSWORD_EXPIRES',
  ...[
    'DATABASE_URL',
    'DATABASE_URL_FILE',
    'REDIS_URL',
    'REDIS_URL_FILE',
    'LICENCES',
    'LICENCES_TOKEN',
    'LICENCES_TOKEN_FILE',
    'PARTNERS',
    'TICKETS',
    'TICKETS_SINCE',
    'DESK_WEBHOOK_PORT',
    'DESK_WEBHOOK_HOST',
    'ESCALATION_DESK',
  ],
  ...['POLICY_DIR', 'VAR_DIR', 'CONSOLE_PORT', 'CONSOLE_HOST', 'LOG_LEVEL'],
];

const service = z.object({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()),
  secrets: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  networks: z.array(z.string()),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  read_only: z.literal(true),
  restart: z.literal('unless-stopped'),
  security_opt: z.array(z.string()),
  stop_grace_period: z.string(),
});
const file = readFileSync('docker-compose.yml', 'utf8');
const compose = z
  .object({
    services: z.record(z.string(), service.extend({ environment: service.shape.environment.default({}) })),
    secrets: z.record(z.string(), z.object({ file: z.string() })),
    volumes: z.record(z.string(), z.unknown()),
    networks: z.record(z.string(), z.unknown()),
  })
  .parse(load(file, { schema: CORE_SCHEMA.withTags(mergeTag) }));
const services = Object.entries(compose.services);
const roles = services.filter(([, { build }]) => build !== undefined);
const example = readFileSync('.env.example', 'utf8');
/** Names in .env.example, the optional ones included. */
const documented = [...example.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name);
const { version, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

describe('.env.example', () => {
  it('lists every variable once, each below a comment', () => {
    expect([...documented].sort()).toEqual([...VARIABLES].sort());
    for (const block of example.split(/\n\n+/)) expect(block).toMatch(/^# /);
  });

  it('is accepted by the program as it stands, and with its optional lines', () => {
    const absent = { MAILBOX_COM_PASSWORD: 'x', MAILBOX_EU_PASSWORD: 'x' };
    const withoutFiles = (env: NodeJS.Dict<string>) =>
      Object.fromEntries(Object.entries(env).filter(([name]) => !name.endsWith('_FILE')));
    const config = readConfig({ ...withoutFiles(parseEnv(example)), ...absent });
    expect(Object.keys(config.mailboxes)).toEqual(['com', 'eu']);
    const all = withoutFiles(parseEnv(example.replaceAll(/^#(?=[A-Z_]+=)/gm, '')));
    // A mailbox is logged in to by password or by OAuth2.
    const { MAILBOX_COM_PASSWORD, ...byOauth } = { ...all, ...absent };
    const byPassword = Object.entries({ ...byOauth, MAILBOX_COM_PASSWORD }).filter(([name]) => !/_OAUTH_/.test(name));
    expect(readConfig(Object.fromEntries(byPassword)).redisUrl).toBe('redis://127.0.0.1:6379');
    expect(readConfig(byOauth).mailboxes.com?.oauth?.tokenUrl).toBe('https://accounts.vendor.example/oauth/v2/token');
  });
});

describe('docker-compose.yml', () => {
  it('has a service for every role, all of one image, and the stores', () => {
    expect(roles.map(([name, { command }]) => [name, command])).toEqual(ROLES.map((role) => [role, ['start', role]]));
    expect(new Set(roles.map(([, { image }]) => image))).toEqual(new Set([`partner-intake:${version}`]));
    expect(Object.keys(compose.services).filter((name) => !ROLES.includes(name))).toEqual(['postgres', 'redis']);
  });

  it('pins every image to a version', () => {
    for (const [, { image }] of services) expect(image).toMatch(/^[a-z0-9]+([._/-][a-z0-9]+)*:\d+\.\d+[a-z0-9.-]*$/);
  });

  it('asks for documented variables only, and sets none that the program does not know', () => {
    const asked = [...file.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name);
    expect(asked.filter((name) => !documented.includes(name))).toEqual([]);
    for (const [, { environment }] of roles) {
      expect(Object.keys(environment).filter((name) => !VARIABLES.includes(name))).toEqual([]);
    }
  });

  it('gives secrets by file only, each declared, used and named as it is mounted', () => {
    for (const [, { environment, secrets }] of services) {
      const paths = Object.entries(environment).filter(([name]) => name.endsWith('_FILE'));
      const values = Object.keys(environment).filter((name) => /PASSWORD$|^(DATABASE|REDIS)_URL$/.test(name));
      expect(values).toEqual([]);
      for (const [, path] of paths) expect(secrets.map((name) => `/run/secrets/${name}`)).toContain(path);
      expect(Object.keys(compose.secrets)).toEqual(expect.arrayContaining(secrets));
    }
    const used = new Set(services.flatMap(([, { secrets }]) => secrets));
    expect(Object.keys(compose.secrets).filter((name) => !used.has(name))).toEqual([]);
  });

  it('mounts only volumes and folders, networks and dependencies that exist', () => {
    for (const [, { volumes, networks, depends_on }] of services) {
      for (const volume of volumes) {
        const source = volume.split(':')[0] ?? '';
        if (!source.startsWith('./')) expect(Object.keys(compose.volumes)).toContain(source);
      }
      expect(Object.keys(compose.networks)).toEqual(expect.arrayContaining(networks));
      for (const [name, { condition }] of Object.entries(depends_on)) {
        expect(condition).toBe('service_healthy');
        expect(compose.services[name]?.healthcheck).toBeDefined();
      }
    }
  });

  it('publishes the console to this machine, and nothing else', () => {
    const published = services.flatMap(([name, { ports }]) => ports.map((port) => [name, port]));
    expect(published).toEqual([['console', expect.stringMatching(/^127\.0\.0\.1:/)]]);
    for (const [, { security_opt }] of services) expect(security_opt).toContain('no-new-privileges:true');
  });

  it('gives the daemon settings that it accepts', () => {
    const environment = { ...compose.services.console?.environment };
    for (const name of Object.keys(environment)) if (name.endsWith('_FILE')) delete environment[name];
    const values = parseEnv(example);
    const filled = Object.entries(environment).map(([name, text]) => [
      name,
      text.replaceAll(/\$\{([A-Z_]+)(?::[-?]([^}]*))?\}/g, (_all, asked, otherwise) => values[asked] ?? otherwise),
    ]);
    const passwords = { MAILBOX_COM_PASSWORD: 'x', MAILBOX_EU_PASSWORD: 'x' };
    expect(readConfig({ ...Object.fromEntries(filled), ...passwords })).toMatchObject({
      consoleHost: '0.0.0.0',
      consolePort: 8025,
      licences: [{ kind: 'csv' }],
      desk: null,
    });
  });
});

describe('Dockerfile', () => {
  const dockerfile = readFileSync('Dockerfile', 'utf8');

  it('runs the Node that package.json pins, not as root', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect(new Set(bases)).toEqual(new Set([`node:${dependencies.node}-bookworm-slim`]));
    expect(dockerfile).toMatch(/^USER node$/m);
  });

  it('copies only what .dockerignore lets through, and that exists', () => {
    const allowed = readFileSync('.dockerignore', 'utf8').match(/(?<=^!).+/gm) ?? [];
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources]) =>
      sources?.split(' '),
    );
    expect([...new Set(copied)].sort()).toEqual([...allowed].sort());
    expect(copied.filter((path) => !existsSync(path ?? ''))).toEqual([]);
  });
});

describe('scripts/new-secrets.sh', () => {
  it('writes what the compose file reads, once, and keeps it out of git', () => {
    const project = mkdtempSync(join(tmpdir(), 'secrets-'));
    mkdirSync(join(project, 'scripts'));
    copyFileSync('scripts/new-secrets.sh', join(project, 'scripts/new-secrets.sh'));
    const make = () => execFileSync('sh', [join(project, 'scripts/new-secrets.sh')], { encoding: 'utf8' });
    const read = (name: string) => readFileSync(join(project, 'secrets', name), 'utf8');
    const words = make();
    const first = readdirSync(join(project, 'secrets')).map((name) => [name, read(name)]);
    make();
    expect(readdirSync(join(project, 'secrets')).map((name) => [name, read(name)])).toEqual(first);

    const written = new Set(first.map(([name]) => name));
    const wanted = Object.values(compose.secrets).flatMap((secret) => secret.file.match(/(?<=secrets\/)\w+/g) ?? []);
    const missing = [...new Set(wanted)].filter((name) => !written.has(name));
    expect(missing.sort()).toEqual(['mailbox_com_password', 'mailbox_eu_password']);
    for (const name of missing) expect(words).toContain(name);

    expect(read('postgres_password')).toMatch(/^[0-9a-f]{48}$/);
    const env = { DATABASE_URL_FILE: 'database_url', REDIS_URL_FILE: 'redis_url' };
    const paths = Object.entries(env).map(([name, secret]) => [name, join(project, 'secrets', secret)]);
    expect(readConfig(Object.fromEntries(paths))).toMatchObject({
      databaseUrl: `postgres://partner_intake:${read('postgres_password')}@postgres:5432/partner_intake`,
      redisUrl: `redis://:${read('redis_password')}@redis:6379`,
    });
    expect(read('.gitignore')).toBe('*\n');
    expect(statSync(join(project, 'secrets')).mode & 0o777).toBe(0o700);
  });
});
