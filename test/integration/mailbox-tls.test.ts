/** IMAP over TLS: only a trusted certificate will do, and STARTTLS is never given up silently. */
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openImap } from '../../src/adapters/imap-session.ts';
import { credentialsOf } from '../../src/adapters/login.ts';
import { createImapMailbox, IMAP_LIMITS } from '../../src/adapters/mailbox-imap.ts';
import { type Dovecot, startDovecot } from '../support/dovecot.ts';

const user = { name: 'tls@support.example', password: 'secret of the test' };
let plain: Dovecot;
let secure: Dovecot;
beforeAll(async () => {
  [plain, secure] = await Promise.all([startDovecot({ users: [user] }), startDovecot({ users: [user], tls: true })]);
});
afterAll(() => Promise.all([plain?.stop(), secure?.stop()]));

it('refuses a certificate that nobody vouches for', async () => {
  const url = `imaps://${encodeURIComponent(user.name)}@localhost:${secure.port}/INBOX`;
  const mailbox = createImapMailbox({
    name: 'com',
    url,
    login: user.password,
    now: () => new Date(),
    random: Math.random,
  });
  await expect(mailbox.check()).rejects.toMatchObject({
    code: 'tls',
    message: expect.stringContaining('is not trusted'),
  });
  await mailbox.close();
});

it('connects over TLS when the certificate is trusted', async () => {
  const trusted = join(mkdtempSync(join(tmpdir(), 'ca-')), 'ca.pem');
  writeFileSync(trusted, secure.certificate ?? '');
  const module = new URL('../../src/adapters/mailbox-imap.ts', import.meta.url);
  const url = `imaps://${encodeURIComponent(user.name)}@localhost:${secure.port}/INBOX`;
  const options = JSON.stringify({ name: 'com', url, login: user.password });
  const script = `import { createImapMailbox } from '${module}';
    const mailbox = createImapMailbox({ ...${options}, now: () => new Date(), random: Math.random });
    console.log(await mailbox.check());
    await mailbox.close();`;
  // Node reads this variable once, when it starts.
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: trusted },
  });
  expect(stdout).toContain(`localhost:${secure.port} answers, INBOX holds 0 messages`);
});

it('sends no password where STARTTLS is not offered', async () => {
  const account = {
    user: user.name,
    credentials: credentialsOf(user.password),
    host: '127.0.0.1',
    port: plain.port,
    folder: 'INBOX',
  };
  const attempt = openImap({ ...account, security: 'starttls' }, IMAP_LIMITS, new AbortController().signal);
  await expect(attempt).rejects.toMatchObject({
    verdict: 'permanent',
    code: 'config',
    message: expect.stringContaining('offers no STARTTLS'),
  });
});
