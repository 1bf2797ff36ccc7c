import { UsageError, UserError } from '../errors.ts';
import { type HeldMail, listHeld } from '../ledger/outbound.ts';
import { loadPolicy } from '../policy.ts';
import { endHeld } from '../stages/end-held.ts';
import { say, withLedger } from './support.ts';

const line = (mail: HeldMail): string =>
  [
    mail.id,
    mail.createdAt.toISOString(),
    mail.kind,
    `to ${mail.recipient}`,
    `by ${mail.mailbox}`,
    mail.tickets.join(', '),
    mail.subject,
    mail.because,
  ].join('  ');

/** `outbound list`: replies and notices that are held for a person, and why. */
export const outboundList = (): Promise<void> =>
  withLedger(async ({ db }) => {
    const held = await listHeld(db);
    say(held.length > 0 ? held.map(line).join('\n') : 'Nothing is held.');
  });

/** `outbound release ID`: the daemon sends it. */
export const outboundRelease = (id: string): Promise<void> => end(id, 'release', 'the daemon sends it');

/** `outbound drop ID`: it is never sent. */
export const outboundDrop = (id: string): Promise<void> => end(id, 'drop', 'dropped; it stays in the outbox, unsent');

const end = (id: string, how: 'release' | 'drop', done: string): Promise<void> =>
  withLedger(async ({ db }, config) => {
    if (!/^\d{1,15}$/.test(id))
      throw new UsageError(`"${id}" is no id of a mail: partner-intake outbound list shows them`);
    const ctx = { db, policy: loadPolicy(config.policyDir), now: () => new Date() };
    if (!(await endHeld(ctx, Number(id), how)))
      throw new UserError(`mail ${id} is not held: partner-intake outbound list shows what is`);
    say(`mail ${id}: ${done}`);
  });
