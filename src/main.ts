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
  .argument('[role]', 'all, poll, classify, reply, clock or console', 'all')
  .action(async (role: string) => (await import('./commands/start.ts')).start(role));
program
  .command('demo')
  .description('the main job on embedded stores with sample mail')
  .option('--exit', 'end when all is handled')
  .action(async (options: { exit?: boolean }) => (await import('./commands/demo.ts')).demo(options));
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
  .argument('<field>', 'superadmin')
  .argument('<value>', 'the address')
  .action(async (number: string, field: string, value: string) =>
    (await import('./commands/set.ts')).set(number, field, value),
  );
program
  .command('trace')
  .description('every step one mail took')
  .argument('<message-id>')
  .action(async (messageId: string) => (await import('./commands/trace.ts')).trace(messageId));
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
const policy = program.command('policy').description('the rules, as data');
policy
  .command('check')
  .description('validate policy and templates, and run policy/cases.yaml')
  .action(async () => (await import('./commands/policy-check.ts')).policyCheck());
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
