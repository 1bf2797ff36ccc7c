/** A ledger that a daemon filled with mails that carry files: a screenshot, a program that is called a document, a logo that others of the domain send too. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, startDaemon } from './daemon.ts';
import { png } from './files.ts';
import { settledMail, ticketFor } from './ledger-view.ts';
import { letter } from './letters.ts';
import { openWorld } from './world.ts';

export const JANE = 'jane.doe@sender.example';
export const SHOT = png(1280, 720);
export const PROGRAM = Buffer.from('MZ\x90\0\x03\0\0\0 run me', 'latin1');

export type File = { readonly name: string; readonly type: string; readonly bytes: Buffer; readonly cid?: string };

/** A letter with files, as bytes. */
export function withFiles(of: Parameters<typeof letter>[0], files: readonly File[]): string {
  const [head = '', ...body] = letter(of).split('\r\n\r\n');
  const parts = files.map(({ name, type, bytes, cid }) =>
    [
      `--b\r\nContent-Type: ${type}; name="${name}"\r\nContent-Transfer-Encoding: base64`,
      cid
        ? `Content-ID: <${cid}>\r\nContent-Disposition: inline`
        : `Content-Disposition: attachment; filename="${name}"`,
      '',
      bytes.toString('base64').replace(/.{76}/g, '$&\r\n'),
    ].join('\r\n'),
  );
  return [
    head.replace('text/plain; charset=utf-8', 'multipart/mixed; boundary=b'),
    '',
    '--b\r\nContent-Type: text/plain; charset=utf-8',
    '',
    body.join('\r\n\r\n'),
    ...parts,
    '--b--',
    '',
  ].join('\r\n');
}

const LOGO: File = { name: 'image001.png', type: 'image/png', bytes: png(500, 300), cid: 'logo@x.example' };

export type MailsWithFiles = Awaited<ReturnType<typeof openMailsWithFiles>>;

/** Jane's ticket has all three files; those of other1 and other2 have the logo. */
export async function openMailsWithFiles() {
  await using resources = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'attachments-'));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const world = await openWorld({ queue: 'postgresql' });
  resources.defer(() => world.close());
  const daemon = resources.use(startDaemon(world.env));
  const cli = (...args: string[]) => run(args, world.env);
  const deliver = async (id: string, raw: string) => {
    await world.deliver([{ mailbox: 'com', raw }]);
    return await settledMail(world, id);
  };
  const files: File[] = [
    { name: '../../shot \u202egnp.png', type: 'image/png', bytes: SHOT },
    { name: 'invoice.pdf', type: 'application/pdf', bytes: PROGRAM },
    LOGO,
  ];
  await deliver(
    'jane@mail.example',
    withFiles({ id: 'jane@mail.example', from: `Jane Doe <${JANE}>`, subject: 'Jane Doe: totals' }, files),
  );
  const { id } = await ticketFor(world, 'jane@mail.example');
  for (const other of ['other1', 'other2']) {
    const id = `${other}@mail.example`;
    await deliver(id, withFiles({ id, from: `Agent <${other}@sender.example>` }, [LOGO]));
  }
  const opened = resources.move();
  return {
    world,
    daemon,
    folder,
    jane: { id, number: `P-${id}` },
    cli,
    deliver,
    audited: async () => JSON.parse((await cli('audit', '--json')).stdout),
    close: () => opened.disposeAsync(),
  };
}
