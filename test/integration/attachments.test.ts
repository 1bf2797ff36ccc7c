/** Attachments on a ledger that a daemon filled: what is listed, what is written, what is served, and how. */
import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settledMail, ticketFor } from '../support/ledger-view.ts';
import { type MailsWithFiles, openMailsWithFiles, PROGRAM, SHOT } from '../support/mails-with-files.ts';

let opened: MailsWithFiles;
let world: MailsWithFiles['world'];
let folder: string;
let jane: MailsWithFiles['jane'];
let cli: MailsWithFiles['cli'];
let audited: MailsWithFiles['audited'];

beforeAll(async () => {
  opened = await openMailsWithFiles();
  ({ world, folder, jane, cli, audited } = opened);
}, 120_000);
afterAll(() => opened?.close());

describe('attachments', () => {
  it('are listed with what they are: names made safe, dangers and logos marked', async () => {
    const listed = await cli('attachments', jane.number, '--json');
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    const all = listed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(all).toMatchObject([
      {
        number: 1,
        filename: 'shot gnp.png',
        sniffed: 'image/png',
        role: 'screenshot',
        dangerous: null,
        size: SHOT.length,
      },
      {
        number: 2,
        filename: 'invoice.pdf',
        declared: 'application/pdf',
        sniffed: 'application/x-msdownload',
        role: 'document',
      },
      // Large enough for a screenshot; two other tickets of the domain have the very same.
      { number: 3, filename: 'image001.png', role: 'logo', otherTickets: 2 },
    ]);
    expect(all[1].dangerous).toMatch(/program/);
    expect(all[0].sha256).toBe(createHash('sha256').update(SHOT).digest('hex'));
    expect((await cli('ticket', jane.number)).stdout).toMatch(
      /Attachments\n {2}1 {2}shot gnp\.png .*\n.*DANGEROUS: a program/,
    );
    expect(await cli('attachments', 'P-9')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no ticket P-9'),
    });
  });

  it('of a mail that was read before hashes were kept are found in its original', async () => {
    const { id } = await settledMail(world, 'jane@mail.example');
    const listed = (await cli('attachments', jane.number)).stdout;
    await world.query(`delete from attachment where mail_id = ${id}`);
    expect((await cli('attachments', jane.number)).stdout).toBe(listed);
    expect(await world.query(`select from attachment where mail_id = ${id}`)).toHaveLength(3);
  });

  it('are kept once: the bytes are in the original, and nowhere else', async () => {
    const base64 = SHOT.toString('base64').slice(0, 70);
    for (const table of ['mail', 'ticket', 'attachment', 'event', 'reply'])
      expect(await world.query(`select from ${table} t where t::text like '%${base64}%'`)).toEqual([]);
  });

  it('are written by number or hash; a dangerous one only when forced, none over another file', async () => {
    const out = join(folder, 'shot.png');
    expect(await cli('attachment', jane.number, '1', '--out', out)).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(out)).toEqual(SHOT);
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    await writeFile(out, 'mine');
    const again = await cli('attachment', jane.number, '1', '--out', out);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') });
    expect(await readFile(out, 'utf8')).toBe('mine');
    const program = join(folder, 'program');
    const hash = createHash('sha256').update(PROGRAM).digest('hex').slice(0, 12);
    expect(await cli('attachment', hash, '--out', program)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/dangerous: a program .*--force/),
    });
    expect(await cli('attachment', hash, '--force', '--out', program)).toMatchObject({ code: 0 });
    expect(await readFile(program)).toEqual(PROGRAM);
    expect((await cli('attachment', 'P-1001', '--out', program)).code).toBe(2);
  });

  it('are served by the console to be saved, never to be shown', async () => {
    const [, base] = /"url":"(http:[^"]+)"/.exec(opened.daemon.output()) ?? [];
    const page = await (await fetch(`${base}tickets/${jane.number}`)).text();
    expect(page).toContain(`href="/tickets/${jane.number}/attachments/1"`);
    expect(page).toContain('dangerous: a program');
    const [shot, program, none] = await Promise.all(
      [1, 2, 9].map((n) => fetch(`${base}tickets/${jane.number}/attachments/${n}`)),
    );
    expect(Buffer.from((await shot?.arrayBuffer()) ?? new ArrayBuffer())).toEqual(SHOT);
    expect(Object.fromEntries(shot?.headers ?? [])).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': `attachment; filename="shot gnp.png"; filename*=UTF-8''shot%20gnp.png`,
      'x-content-type-options': 'nosniff',
    });
    expect(program?.headers.get('content-type')).toBe('application/octet-stream');
    expect(program?.headers.get('content-disposition')).toContain('filename="invoice.pdf.dangerous"');
    expect(none?.status).toBe(404);
  });

  it('of a damaged original are not served', async () => {
    const { id } = await settledMail(world, 'other1@mail.example');
    const number = `P-${(await ticketFor(world, 'other1@mail.example')).id}`;
    await world.query(`update original set raw = overlay(raw placing 'X' from 5) where mail_id = ${id}`);
    const refused = await cli('attachment', number, '1', '--out', join(folder, 'damaged'));
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('damaged original') });
  });

  it('leave nothing unexplained', async () => {
    expect((await audited()).problems).toEqual([]);
  });
});
