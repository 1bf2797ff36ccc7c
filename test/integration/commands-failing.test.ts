/** How commands fail: wrong usage ends with 2, what cannot work with 1, in one line; a stack trace only with DEBUG. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaint } from '../support/complaint.ts';
import { run } from '../support/daemon.ts';
import { LICENCES } from '../support/population.ts';

let files: string;
beforeAll(async () => {
  files = await mkdtemp(join(tmpdir(), 'failing-'));
});
afterAll(() => rm(files, { recursive: true, force: true }));

describe('wrong usage', () => {
  it.concurrent.each<[args: string[], says: RegExp]>([
    [['quux'], /^unknown command 'quux' \(see partner-intake --help\)$/],
    [['policy', 'chek'], /^unknown command 'chek' \(Did you mean check\?\)/],
    [['tickets', '--jsno'], /^unknown option '--jsno'/],
    [['tickets', 'P-1001'], /^too many arguments/],
    [
      ['start', 'everything'],
      /^"everything" is no role: write one of all, poll, classify, reply, clock, deliver, console$/,
    ],
    [['start', 'poll', 'classify'], /^too many arguments/],
    [['templates', 'preview', 'recipt', 'de'], /^"recipt" is no kind of reply, did you mean receipt\?$/],
    [['templates', 'preview', 'receipt', 'xx'], /^"xx" is no language with reply texts: there are ar, /],
    [['inspect'], /^missing required argument 'file'/],
    [['ticket', 'Q-1001'], /^"Q-1001" is no ticket number: write it as P-1042$/],
    [['ticket', 'P-99999999999999999999'], /^"P-99999999999999999999" is no ticket number/],
    [['tickets', '--limit', 'few'], /^--limit few is not a number of tickets$/],
    [['tickets', '--limit', '-1'], /--limit/],
    [['tickets', '--limit', ''], /^--limit {2}is not a number of tickets$/],
    [['set', 'P-1001', 'superadmin'], /^missing required argument 'value'/],
    [['set', 'P-1001', 'superadmin', 'owner'], /^"owner" is no mail address$/],
    [
      ['set', 'P-1001', 'superadmin', 'Owner <owner@large.example>'],
      /^"Owner <owner@large\.example>" is no mail address$/,
    ],
    [
      ['set', 'P-1001', 'colour', 'red'],
      /^colour cannot be set: the fields are superadmin, customer, zuid, zoid, zgid, product, severity$/,
    ],
    [['set', 'P-1001', 'severity', 'S4'], /^"S4" is no severity: give S1, S2 or S3, or auto/],
    [['set', 'P-1001', 'zoid', '123'], /^"123" is no ZOID: give 5 to 12 digits$/],
    [['set', 'P-1001', 'product', 'Excel'], /^"Excel" is no product that services\.yaml knows$/],
    [['set', 'one', 'superadmin', 'owner@large.example'], /^"one" is no ticket number/],
  ])('%j ends with 2', async (args, says) => {
    // No store is ever touched: a folder that cannot be made would show it.
    const outcome = await run(args, { VAR_DIR: '/dev/null/nowhere' });
    expect(complaint(outcome)).toMatch(says);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
  });

  it.each([[[]], [['policy']]])('no command (%j) ends with 2 and the help', async (args) => {
    const outcome = await run(args);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toMatch(/^Usage: partner-intake/);
  });

  it('--help is no error', async () => {
    const outcome = await run(['--help']);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    for (const name of ['start', 'inspect', 'ingest', 'tickets', 'ticket', 'set', 'trace', 'policy', 'audit', 'doctor'])
      expect(outcome.stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
  });
});

describe('what cannot work ends with 1 and one line', () => {
  const unreachable = { DATABASE_URL: 'postgres://ana:secret@127.0.0.1:1/intake' };

  it('a database that is not there, whatever the command', async () => {
    for (const args of [['tickets'], ['audit', '--json'], ['start']]) {
      const needed = {
        MAILBOX_COM: `maildir:${files}`,
        SMTP_COM: `maildir:${files}`,
        LICENCES: `csv:${files}/none.csv`,
      };
      await writeFile(join(files, 'none.csv'), LICENCES);
      const outcome = await run(args, { ...needed, ...unreachable });
      expect(complaint(outcome)).toMatch(/^DATABASE_URL: the database cannot be used: .*ECONNREFUSED/);
      expect(outcome.stderr).not.toContain('secret');
      expect(outcome).toMatchObject({ code: 1, stdout: '' });
    }
  });

  it('DEBUG adds the stack', async () => {
    const outcome = await run(['tickets'], { ...unreachable, DEBUG: '1' });
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/^partner-intake: DATABASE_URL: the database cannot be used/);
    expect(outcome.stderr).toMatch(/^\s+at .*ledger\/open\.ts/m);
  });

  it('start says all that is missing, a line a variable', async () => {
    const outcome = await run(['start'], { MAILBOX_EU: `maildir:${files}`, VAR_DIR: '/dev/null/nowhere' });
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr.replace('partner-intake: ', '').trimEnd().split('\n')).toEqual([
      'LICENCES: is not set: without a licence directory every account would be unknown: set it to csv:PATH or https://host/path',
      'SMTP_EU: is not set: replies to mail in MAILBOX_EU need it, for example smtps://user@host:465',
    ]);
    const bare = await run(['start', 'poll'], { VAR_DIR: '/dev/null/nowhere' });
    expect(complaint(bare)).toMatch(/^MAILBOX_COM: no mailbox is set/);
    expect(bare.code).toBe(1);
  });
});
