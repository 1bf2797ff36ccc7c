import { UsageError, UserError } from '../errors.ts';
import { originalOf } from '../ledger/mails.ts';
import { endQuarantine, listQuarantine, type Quarantined } from '../ledger/quarantine.ts';
import { say, withLedger } from './support.ts';

/** What `show` prints of the original: enough to see what it is. */
const SHOWN_BYTES = 4_000;

const line = (mail: Quarantined): string =>
  [
    mail.id,
    mail.arrivedAt.toISOString(),
    mail.mailbox,
    `${mail.size} bytes`,
    mail.messageId ?? '(no Message-ID)',
    ...(mail.from === null ? [] : [`from ${mail.from}: ${mail.subject}`]),
    mail.because,
  ].join('  ');

/** `quarantine list`: what was set aside, and why. */
export const quarantineList = (): Promise<void> =>
  withLedger(async ({ db }) => {
    const mails = await listQuarantine(db);
    say(mails.length > 0 ? mails.map(line).join('\n') : 'Nothing is in quarantine.');
  });

/** `quarantine show ID`: the cause and the beginning of the original. */
export const quarantineShow = (id: string): Promise<void> =>
  withLedger(async ({ db }) => {
    const [mail] = await listQuarantine(db, parseId(id));
    if (!mail) throw notThere(id);
    const raw = (await originalOf(db, mail.id)).subarray(0, SHOWN_BYTES).toString('utf8');
    say(`${line(mail)}\n\n${raw}`);
  });

/** `quarantine release ID`: the daemon handles it again from the start. */
export const quarantineRelease = (id: string): Promise<void> => end(id, 'received', 'the daemon handles it again');

/** `quarantine drop ID`: no ticket will be made of it; the original stays. */
export const quarantineDrop = (id: string): Promise<void> => end(id, 'suppressed', 'dropped; its original is kept');

const end = (id: string, to: 'received' | 'suppressed', done: string): Promise<void> =>
  withLedger(async ({ db }) => {
    if (!(await endQuarantine(db, parseId(id), to))) throw notThere(id);
    say(`mail ${id}: ${done}`);
  });

function parseId(id: string): number {
  if (!/^\d{1,15}$/.test(id)) throw new UsageError(`"${id}" is no mail id: partner-intake quarantine list shows them`);
  return Number(id);
}

const notThere = (id: string): UserError =>
  new UserError(`mail ${id} is not in quarantine: partner-intake quarantine list shows what is`);
