import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startDaemon } from '../../workers/daemon.ts';
import { openEmbeddedPostgres } from '../adapters/postgres-embedded.ts';
import { PROJECT_ROOT, readConfig } from '../config.ts';
import { UserError } from '../errors.ts';
import { auditLedger } from '../ledger/audit.ts';
import type { Db } from '../ledger/schema.ts';
import { progressOf } from '../ledger/state.ts';
import { listTickets } from '../ledger/views.ts';
import { MAILBOX_NAMES } from '../model.ts';
import { leftForDesk, startDemoDesk } from './demo-desk.ts';
import { startSink } from './demo-sink.ts';
import { withExampleContacts } from './example-contacts.ts';
import { stopSignal } from './start.ts';
import { say } from './support.ts';
import { ticketTable } from './ticket-table.ts';

const LOOK_EVERY_MS = 200;
/** The demo handles a few dozen mails in seconds; when it has not by then, something is wrong and is said. */
const PATIENCE_MS = 120_000;

/** `demo [--exit] [--desk]`: the main job on embedded stores, with the mails of examples/; with a Zoho Desk as the ticket system. */
export async function demo(options: { exit?: boolean; desk?: boolean }): Promise<void> {
  const started = Date.now();
  const stopped = stopSignal();
  const folder = join(readConfig(process.env).varDir, 'demo');
  await clear(folder);
  await using resources = new AsyncDisposableStack();
  const sink = await startSink(join(folder, 'sent'));
  resources.defer(() => sink.close());
  const desk = options.desk ? await startDemoDesk() : null;
  resources.defer(() => desk?.close());
  const count = await fillMailboxes(folder);
  say(
    `partner-intake demo: ${count} mails lie in two mailboxes under ${relative('.', folder) || '.'}; starting PostgreSQL, the queue and all roles …`,
  );
  const config = readConfig({
    MAILBOX_COM: `maildir:${join(folder, 'mail', 'com')}`,
    MAILBOX_EU: `maildir:${join(folder, 'mail', 'eu')}`,
    SMTP_COM: sink.url,
    SMTP_EU: sink.url,
    LICENCES: `csv:${join(PROJECT_ROOT, 'examples', 'licences.csv')}`,
    PARTNERS: `csv:${join(PROJECT_ROOT, 'examples', 'partners.csv')}`,
    // Its contacts are real people.
    POLICY_DIR: await withExampleContacts(join(PROJECT_ROOT, 'policy'), join(folder, 'policy')),
    VAR_DIR: folder,
    CONSOLE_PORT: process.env.CONSOLE_PORT ?? '0',
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'error',
    ...desk?.variables,
  });
  const daemon = await startDaemon(config, 'all');
  resources.defer(() => daemon.close());
  const done = await Promise.race([watch(daemon.ctx.db, count, desk !== null), stopped.then(() => 'stopped' as const)]);
  if (done === 'stopped') return;
  await summarise(daemon.ctx.db, started);
  if (desk) say(desk.summary());
  if (!options.exit) {
    const here = `VAR_DIR=${relative('.', folder) || '.'} bin/partner-intake`;
    say('\nWhere to look next');
    say(`  ${daemon.consoleUrl}  the tickets in a browser`);
    say(
      `  ${here} ticket P-1001   one ticket, its reasons and its history (also: audit, tickets, trace${desk ? ', desk list' : ''})`,
    );
    say(`  ${relative('.', join(folder, 'sent'))}/  the replies, as they went out`);
    say('  bin/partner-intake inspect examples/mail/com/*.eml   what is read from a mail, without side effects');
    say('Ctrl-C ends the demo.');
    await stopped;
  }
}

/** The demo begins anew each time. A server that an earlier demo left running is taken over and stopped first. */
async function clear(folder: string): Promise<void> {
  if (await stat(join(folder, 'postgres')).catch(() => null)) {
    const server = await openEmbeddedPostgres({ folder: join(folder, 'postgres') });
    await server.close();
    // The last to leave stops the server: when it still runs, somebody else is using it.
    if (await stat(join(folder, 'postgres', 'data', 'postmaster.pid')).catch(() => null))
      throw new UserError(`a demo is running in ${folder}: end it first, or set VAR_DIR to another folder`);
  }
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}

/** Lays the example mails into two Maildirs, dated now: replies to old mail would wait for a person. */
async function fillMailboxes(folder: string): Promise<number> {
  const now = new Date();
  let count = 0;
  for (const mailbox of MAILBOX_NAMES) {
    for (const part of ['new', 'cur', 'tmp']) await mkdir(join(folder, 'mail', mailbox, part), { recursive: true });
    const examples = join(PROJECT_ROOT, 'examples', 'mail', mailbox);
    for (const file of (await readdir(examples)).filter((name) => name.endsWith('.eml')).sort()) {
      const raw = (await readFile(join(examples, file))).toString('latin1');
      const dated = raw.replace(/^Date: .*$/im, `Date: ${now.toUTCString().replace('GMT', '+0000')}`);
      const name = `${Math.floor(now.getTime() / 1000)}.${file.replace(/\.eml$/, '')}.demo`;
      await writeFile(join(folder, 'mail', mailbox, 'new', name), dated, 'latin1');
      count += 1;
    }
  }
  return count;
}

/** Tells the progress until every mail and every reply is at its end, and everything is in Desk where there is one. */
async function watch(db: Db, expected: number, desk: boolean): Promise<'done'> {
  let last = '';
  for (const start = Date.now(); ; await delay(LOOK_EVERY_MS)) {
    const now = await progressOf(db);
    const left = desk ? await leftForDesk(db) : 0;
    const line = `  ${now.deliveries}/${expected} stored, ${now.finished} of ${now.mails} decided, ${now.tickets} tickets, ${now.repliesDone} of ${now.replies} replies sent${desk ? `, ${left} calls to Desk to be made` : ''}`;
    if (line !== last) say(line);
    last = line;
    if (now.deliveries >= expected && now.finished === now.mails && now.repliesDone === now.replies && left === 0)
      return 'done';
    if (Date.now() - start > PATIENCE_MS)
      throw new UserError(`the demo is stuck: ${line.trim()}; see what partner-intake audit and doctor say`);
  }
}

async function summarise(db: Db, started: number): Promise<void> {
  say(`\n${ticketTable(await listTickets(db), new Date())}`);
  const aside = await db
    .selectFrom('mail')
    .select(['message_id', 'because'])
    .where('state', 'in', ['suppressed', 'quarantined'])
    .orderBy('id')
    .execute();
  say('\nNo ticket and no reply, with the reason');
  for (const mail of aside) say(`  ${mail.message_id ?? '(no Message-ID)'}  ${mail.because}`);
  const { mails, ticketed, appended, suppressed, quarantined, unexplained } = await auditLedger(db);
  say(
    `\n${mails} mails: ${ticketed} ticketed, ${appended} appended, ${suppressed} suppressed, ${quarantined} quarantined, ${unexplained} unexplained; ${((Date.now() - started) / 1000).toFixed(1)} s with the start of all stores`,
  );
}
