/** Sending into a Maildir: exactly once, readable by our own mailbox. */
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMaildirMailbox } from '../../src/adapters/mailbox-maildir.ts';
import { createMaildirSender } from '../../src/adapters/sender-maildir.ts';
import type { OutgoingMail } from '../../src/ports.ts';
import { createTestMemory, drainInto } from '../support/mailbox-memory.ts';

const NOW = new Date('2026-03-02T10:00:00Z');
const MAIL: OutgoingMail = {
  messageId: '<r-7.abc@intake.example>',
  from: '"Partner support" <partner-support@zoho.example>',
  to: 'ana@partner.example',
  subject: 'Re: Não funciona – 動かない [P-1042]',
  text: 'Olá,\nfalta o super admin.\n.\nFrom here on\n',
  html: '<p>Olá</p>',
  inReplyTo: '<1@partner.example>',
  references: ['<0@partner.example>', '<1@partner.example>'],
  headers: { 'Auto-Submitted': 'auto-replied', 'X-Partner-Intake-Loop': '1' },
};

let path: string;
const sender = () => createMaildirSender({ path, now: () => NOW });
const files = (folder: string): string[] => readdirSync(join(path, folder));
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'outbox-')), 'Maildir');
});
afterEach(() => rmSync(join(path, '..'), { recursive: true, force: true }));

it('stores the whole mail, with every header as given', async () => {
  await sender().send(MAIL);
  expect([files('tmp').length, files('new').length]).toEqual([0, 1]);
  const parsed = await simpleParser(readFileSync(join(path, 'new', files('new')[0] ?? '')));
  expect(parsed).toMatchObject({
    messageId: MAIL.messageId,
    subject: MAIL.subject,
    inReplyTo: MAIL.inReplyTo,
    references: MAIL.references,
    date: NOW,
    text: MAIL.text,
    html: MAIL.html,
  });
  expect(parsed.headers.get('auto-submitted')).toBe('auto-replied');
  expect(parsed.headers.get('x-partner-intake-loop')).toBe('1');
});

it('stores a mail once, however often and by however many it is sent', async () => {
  expect(await sender().find(MAIL.messageId)).toBe('not-sent');
  await Promise.all(Array.from({ length: 8 }, () => sender().send(MAIL)));
  await sender().send(MAIL);
  expect([files('tmp').length, files('new').length]).toEqual([0, 1]);
  await sender().send({ ...MAIL, messageId: '<r-8.abc@intake.example>' });
  expect(files('new')).toHaveLength(2);
});

it('knows a mail that a mail program has moved and flagged', async () => {
  await sender().send(MAIL);
  const [name = ''] = files('new');
  renameSync(join(path, 'new', name), join(path, 'cur', `${name}:2,S`));
  expect(await sender().find(MAIL.messageId)).toBe('sent');
  await sender().send(MAIL);
  expect(files('new')).toEqual([]);
  expect(await sender().find('<r-8.abc@intake.example>')).toBe('not-sent');
});

it('is readable as a mailbox', async () => {
  await sender().send(MAIL);
  const [mailbox, memory] = [createMaildirMailbox({ name: 'com', path, now: () => new Date() }), createTestMemory(NOW)];
  await drainInto(mailbox, memory);
  expect([...memory.stored.values()][0]?.raw.toString()).toContain(`Message-ID: ${MAIL.messageId}`);
  await mailbox.close();
});

it('says how it is, and that nothing was stored when the folder cannot be made', async () => {
  expect(await sender().check()).toMatch(/takes mail and holds 0 messages/);
  rmSync(path, { recursive: true });
  writeFileSync(path, 'a file where the folder should be');
  for (const attempt of [() => sender().send(MAIL), () => sender().check(), () => sender().find(MAIL.messageId)]) {
    await expect(attempt()).rejects.toMatchObject({ name: 'IntakeError', verdict: 'temporary', code: 'disk' });
  }
});
