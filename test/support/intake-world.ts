/** A ledger and a directory in this process, without any daemon: mails become tickets when a test says so. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble } from '../../src/assemble.ts';
import { readConfig } from '../../src/config.ts';
import type { Ledger } from '../../src/ledger/open.ts';
import { ticketNumber } from '../../src/ledger/tickets.ts';
import type { MailState } from '../../src/model.ts';
import type { Context } from '../../src/stages/context.ts';
import { decideMail } from '../../src/stages/decide-mail.ts';
import { storeArrivals } from '../../src/stages/store.ts';
import type { Environment } from './daemon.ts';
import { changeFile } from './policy-copy.ts';
import { LICENCES, PARTNERS } from './population.ts';
import { startPostgres } from './postgres.ts';
import { quickPolicy } from './quick-policy.ts';

export type Arrived = {
  readonly state: MailState;
  /** Of the ticket that the mail made or joined; `P-0` when there is none. */
  readonly number: string;
};

/** Long enough for an answer in the very second: Desk's times are whole ones. */
const ARRIVED_AGO_MS = 60_000;

export type IntakeWorld = {
  /** For commands beside it. */
  readonly env: Environment;
  readonly ctx: Context;
  readonly ledger: Ledger;
  /** Stores a mail and decides it. */
  arrive(id: string, raw: string): Promise<Arrived>;
};

/** @param figures values of policy/desk.yaml, by name. */
export async function openIntakeWorld(
  building: AsyncDisposableStack,
  extra: Environment = {},
  figures: Readonly<Record<string, string>> = {},
): Promise<IntakeWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'intake-'));
  building.defer(() => rm(folder, { recursive: true, force: true }));
  for (const part of ['new', 'cur', 'tmp']) await mkdir(join(folder, 'com', part), { recursive: true });
  await writeFile(join(folder, 'licences.csv'), LICENCES);
  await writeFile(join(folder, 'partners.csv'), PARTNERS);
  const postgres = await startPostgres();
  building.defer(() => postgres.stop());
  const policyDir = await quickPolicy(folder);
  for (const [name, value] of Object.entries(figures)) {
    const file = join(policyDir, 'desk.yaml');
    const [line] = new RegExp(`^${name}: .*$`, 'm').exec(await readFile(file, 'utf8')) ?? [`${name}: `];
    changeFile(file, line, `${name}: ${value}`);
  }
  const env: Environment = {
    MAILBOX_COM: `maildir:${join(folder, 'com')}`,
    SMTP_COM: `maildir:${join(folder, 'out')}`,
    DATABASE_URL: await postgres.freshDatabase(),
    LICENCES: `csv:${join(folder, 'licences.csv')}`,
    PARTNERS: `csv:${join(folder, 'partners.csv')}`,
    POLICY_DIR: policyDir,
    VAR_DIR: folder,
    LOG_LEVEL: 'silent',
    ...extra,
  };
  const { ctx, ledger } = await assemble(readConfig(env), building);
  return {
    ...{ env, ctx, ledger },
    async arrive(id, raw) {
      const arrival = {
        locator: id,
        arrivedAt: new Date(Date.now() - ARRIVED_AGO_MS),
        raw: Buffer.from(raw),
        oversized: null,
      };
      const [mailId] = (await storeArrivals(ctx, 'com', { arrivals: [arrival], cursor: null })).keys();
      if (mailId === undefined) throw new Error(`${id} was stored before`);
      await decideMail(ctx, mailId);
      const mail = await ctx.db
        .selectFrom('mail')
        .select(['ticket_id', 'state'])
        .where('id', '=', mailId)
        .executeTakeFirstOrThrow();
      return { state: mail.state, number: ticketNumber(mail.ticket_id ?? 0) };
    },
  };
}
