/** The command line. Each command is a file in commands/; errors are one line each, exit 1, or 2 for wrong usage. */
import { Command, CommanderError } from 'commander';
import { loadDotEnv } from './config.ts';
import { messageOf, UsageError } from './errors.ts';

const program = new Command('partner-intake')
  .description('Partner support mail in, classified tickets and helpful replies out.')
  .exitOverride()
  .configureOutput({ outputError: () => undefined })
  .showHelpAfterError(false);

program
  .command('start')
  .description('run until SIGTERM or SIGINT, then finish work in flight')
  .argument('[role]', 'all, poll, classify, reply, clock, deliver or console', 'all')
  .action(async (role: string) => (await import('./commands/start.ts')).start(role));
program
  .command('demo')
  .description('the main job on embedded stores with sample mail')
  .option('--exit', 'end when all is handled')
  .option('--desk', 'with a Zoho Desk on this machine as the ticket system')
  .action(async (options: { exit?: boolean; desk?: boolean }) => (await import('./commands/demo.ts')).demo(options));
program
  .command('inspect')
  .description('parse, extract and classify mail without any side effect (- is standard input)')
  .argument('<file...>')
  .option('--json', 'one JSON object per file and line')
  .action(async (files: string[], options: { json?: boolean }) =>
    (await import('./commands/inspect.ts')).inspect(files, options),
  );
program
  .command('ingest')
  .description('take .eml files into the ledger as a mailbox would')
  .argument('<file...>')
  .action(async (files: string[]) => (await import('./commands/ingest.ts')).ingest(files));
program
  .command('tickets')
  .description('list tickets, oldest first')
  .option('--json', 'one JSON object per line')
  .option('--limit <n>', 'at most this many')
  .action(async (options: { json?: boolean; limit?: string }) =>
    (await import('./commands/tickets.ts')).tickets(options),
  );
program
  .command('ticket')
  .description('show a ticket with its reasons and history')
  .argument('<number>')
  .option('--json', 'as JSON')
  .action(async (number: string, options: { json?: boolean }) =>
    (await import('./commands/ticket.ts')).ticket(number, options),
  );
program
  .command('set')
  .description('fill a field of a ticket by hand; the workflow runs')
  .argument('<number>')
  .argument('<field>', 'superadmin, customer, zuid, zoid, zgid, product or severity')
  .argument('<value>', 'an address, an id, a product; S1, S2 or S3, or auto to leave the severity to the rules')
  .option('--because <why>', 'for the history')
  .option('--by <name>', 'who decides it, for the history')
  .action(async (number: string, field: string, value: string, options: { because?: string; by?: string }) =>
    (await import('./commands/set.ts')).set(number, field, value, options),
  );
program
  .command('mark')
  .description('what was done on a ticket by hand: its deadlines are met by it')
  .argument('<number>')
  .argument('<what>', 'responded, determined (the cause of the problem is known), resolved or reopened')
  .option('--at <time>', 'when, as ISO with a zone: 2026-03-02T09:30:00Z; now when left out')
  .action(async (number: string, what: string, options: { at?: string }) =>
    (await import('./commands/mark.ts')).mark(number, what, options),
  );
program
  .command('trace')
  .description('every step one mail took')
  .argument('<message-id>')
  .action(async (messageId: string) => (await import('./commands/trace.ts')).trace(messageId));
program
  .command('attachments')
  .description('what came with the mails of a ticket: dangerous files and logos are marked')
  .argument('<number>')
  .option('--json', 'one JSON object per attachment')
  .action(async (number: string, options: { json?: boolean }) =>
    (await import('./commands/attachments.ts')).attachments(number, options),
  );
program
  .command('attachment')
  .description('write the bytes of one attachment into a new file')
  .argument('<number-or-hash>', 'a ticket, or the hash of the attachment')
  .argument('[n]', 'which of the ticket, as attachments shows them')
  .requiredOption('--out <file>', 'must not exist')
  .option('--force', 'also when it is dangerous')
  .action(async (which: string, n: string | undefined, options: { out: string; force?: boolean }) =>
    (await import('./commands/attachments.ts')).attachment(which, n, options),
  );
program
  .command('retention')
  .description('what is kept no longer (policy/retention.yaml)')
  .command('run')
  .description('drop it now, as the clock role does once a day')
  .option('--dry-run', 'only say what would be dropped')
  .action(async (options: { dryRun?: boolean }) => (await import('./commands/retention.ts')).retentionRun(options));
program
  .command('erase')
  .description("take a person's data out of the ledger; history, counts and audit stay")
  .argument('<address>')
  .requiredOption('--because <why>', 'kept with the erasure')
  .option('--by <name>', 'who decided it')
  .option('--dry-run', 'only say what would be erased')
  .action(async (address: string, options: { because?: string; by?: string; dryRun?: boolean }) =>
    (await import('./commands/erase.ts')).erase(address, options),
  );
program
  .command('replay')
  .description('read a mailbox again from a date; changes nothing for mail already handled')
  .requiredOption('--mailbox <name>', 'com or eu')
  .requiredOption('--since <date>', 'mail that arrived since then, as ISO: 2026-01-31')
  .option('--json', 'as JSON')
  .action(async (options: { mailbox: string; since: string; json?: boolean }) =>
    (await import('./commands/replay.ts')).replay(options),
  );
const quarantine = program.command('quarantine').description('mails that could not be handled');
quarantine
  .command('list')
  .description('all of them, with the cause')
  .action(async () => (await import('./commands/quarantine.ts')).quarantineList());
quarantine
  .command('show')
  .description('the cause and the beginning of the original')
  .argument('<id>')
  .action(async (id: string) => (await import('./commands/quarantine.ts')).quarantineShow(id));
quarantine
  .command('release')
  .description('handle it again from the start')
  .argument('<id>')
  .action(async (id: string) => (await import('./commands/quarantine.ts')).quarantineRelease(id));
quarantine
  .command('drop')
  .description('make no ticket of it')
  .argument('<id>')
  .action(async (id: string) => (await import('./commands/quarantine.ts')).quarantineDrop(id));
const outbound = program.command('outbound').description('what leaves, what is held for a person, and what stops it');
outbound
  .command('list')
  .description('what stops sending, and all that is held, with the reason')
  .action(async () => (await import('./commands/outbound.ts')).outboundList());
outbound
  .command('release')
  .description('send it after all')
  .argument('[id]')
  .option('--all', 'all that is held')
  .option('--reason <text>', 'all whose reason has these words')
  .action(async (id: string | undefined, options: { all?: boolean; reason?: string }) =>
    (await import('./commands/outbound.ts')).outboundRelease(id, options),
  );
outbound
  .command('drop')
  .description('never send it')
  .argument('[id]')
  .option('--all', 'all that is held')
  .option('--reason <text>', 'all whose reason has these words')
  .action(async (id: string | undefined, options: { all?: boolean; reason?: string }) =>
    (await import('./commands/outbound.ts')).outboundDrop(id, options),
  );
outbound
  .command('pause')
  .description('stop all sending, until resume')
  .option('--because <why>', 'shown wherever it shows')
  .action(async (options: { because?: string }) => (await import('./commands/outbound.ts')).outboundPause(options));
outbound
  .command('resume')
  .description('send again: ends a pause, and a storm')
  .action(async () => (await import('./commands/outbound.ts')).outboundResume());
outbound
  .command('suppressed')
  .description('addresses that mail came back from for good: replies to them are held')
  .action(async () => (await import('./commands/outbound.ts')).outboundSuppressed());
outbound
  .command('unsuppress')
  .description('replies to it go out again')
  .argument('<address>')
  .action(async (address: string) => (await import('./commands/outbound.ts')).outboundUnsuppress(address));
const keys = program.command('keys').description('what signs the references by which answers find their ticket');
keys
  .command('list')
  .description('all of them, without their secrets')
  .action(async () => (await import('./commands/keys.ts')).keysList());
keys
  .command('rotate')
  .description('sign with a new one; answers to what the others signed still find their ticket')
  .action(async () => (await import('./commands/keys.ts')).keysRotate());
keys
  .command('revoke')
  .description('believe nothing more that it signed: for one that got into wrong hands')
  .argument('<id>')
  .action(async (id: string) => (await import('./commands/keys.ts')).keysRevoke(id));
const desk = program.command('desk').description('what is brought to Zoho Desk (with TICKETS=desk:)');
desk
  .command('list')
  .description('what waits, and what failed')
  .action(async () => (await import('./commands/desk.ts')).deskList());
desk
  .command('retry')
  .description('make what failed again')
  .argument('[number]', 'of one ticket only')
  .action(async (number?: string) => (await import('./commands/desk.ts')).deskRetry(number));
desk
  .command('drop')
  .description('give up what failed of a ticket: it is not made any more')
  .argument('<number>')
  .option('--because <why>', 'kept in the history')
  .option('--waiting', 'also what waits and did not fail')
  .action(async (number: string, options: { because?: string; waiting?: boolean }) =>
    (await import('./commands/desk.ts')).deskDrop(number, options),
  );
program
  .command('corrections')
  .description('severities that associates set otherwise than the rules')
  .command('export')
  .description('as cases for policy/cases.yaml')
  .option('--since <date>', 'set since then')
  .action(async (options: { since?: string }) =>
    (await import('./commands/corrections.ts')).correctionsExport(options),
  );
const policy = program.command('policy').description('the rules, as data');
policy
  .command('check')
  .description('validate policy and templates, and run policy/cases.yaml')
  .action(async () => (await import('./commands/policy-check.ts')).policyCheck());
policy
  .command('explain')
  .description('which rules decide a mail, the runner-up, and what would change it (- is standard input)')
  .argument('<file...>')
  .option('--json', 'one JSON object per file and line')
  .action(async (files: string[], options: { json?: boolean }) =>
    (await import('./commands/policy-explain.ts')).policyExplain(files, options),
  );
policy
  .command('try')
  .description("decide the ledger's last mails again under another policy folder: what would differ; writes nothing")
  .argument('<folder>')
  .option('--last <n>', 'so many mails (500)')
  .option('--reread', 'read the originals again too: labels and words are policy as well')
  .option('--json', 'one JSON object per mail that differs, and the summary')
  .action(async (folder: string, options: { last?: string; reread?: boolean; json?: boolean }) =>
    (await import('./commands/policy-try.ts')).policyTry(folder, options),
  );
program
  .command('templates')
  .description('what partners read')
  .command('preview')
  .description('a reply with sample values as HTML')
  .argument('<kind>', 'missing-superadmin-ask, missing-superadmin-note, superadmin-unknown or receipt')
  .argument('<language>', 'a folder of templates/')
  .option('--text', 'as plain text')
  .action(async (kind: string, language: string, options: { text?: boolean }) =>
    (await import('./commands/templates.ts')).templatesPreview(kind, language, options),
  );
program
  .command('audit')
  .description('the conservation proof: exit 1 when anything is unexplained')
  .option('--json', 'as JSON')
  .action(async (options: { json?: boolean }) => (await import('./commands/audit.ts')).audit(options));
program
  .command('doctor')
  .description('try every configured connection and say what is wrong')
  .action(async () => (await import('./commands/doctor.ts')).doctor());

// Whoever reads our output may have seen enough (`| head -1`): what follows is not printed, but the work is done.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  loadDotEnv();
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    const said = error.code === 'commander.help' ? 'give a command' : messageOf(error).replace(/^error: /, '');
    process.stderr.write(`partner-intake: ${said} (see partner-intake --help)\n`);
    return 2;
  }
  const lines = error instanceof Error && error.name === 'UserError' ? error.message : messageOf(error);
  process.stderr.write(`partner-intake: ${lines}\n`);
  if (process.env.DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return error instanceof UsageError ? 2 : 1;
}
