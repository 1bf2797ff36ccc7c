/** Where the demo's replies go: an SMTP server on this machine that keeps each mail as a file and sends nothing on. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

export type Sink = { readonly url: string; close(): Promise<void> };

/** Domains in which nobody can have an address (RFC 2606). */
const RESERVED = /\.(example|invalid|test)>?$/i;

/** Starts the sink on a free port of the loopback address. */
export async function startSink(folder: string): Promise<Sink> {
  await mkdir(folder, { recursive: true });
  let count = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    // Whoever exists is mailed by nobody here, not even on paper.
    onRcptTo({ address }, _session, done) {
      if (RESERVED.test(address)) done();
      else done(Object.assign(new Error('the demo writes to .example addresses only'), { responseCode: 550 }));
    },
    onData(stream, _session, done) {
      buffer(stream)
        .then((raw) => {
          count += 1;
          return writeFile(join(folder, `${String(count).padStart(3, '0')}.eml`), raw);
        })
        .then(() => done(), done);
    },
  });
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await new Promise<void>((resolve) => listening.once('listening', resolve));
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('the sink has no port');
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
