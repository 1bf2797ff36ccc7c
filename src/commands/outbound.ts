import { UsageError, UserError } from '../errors.ts';
import { type Brake, brakesOf, type OutboundState, outboundState, pause, resume } from '../ledger/brakes.ts';
import { type HeldMail, listHeld } from '../ledger/outbound.ts';
import { listSuppressed, unsuppress } from '../ledger/suppressed.ts';
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

/** `outbound list`: what stops sending, what waits, and replies and notices that are held for a person, with the reason. */
export const outboundList = (): Promise<void> =>
  withLedger(async ({ db }) => {
    for (const told of stateLines(await outboundState(db))) say(told);
    const held = await listHeld(db);
    say(held.length > 0 ? held.map(line).join('\n') : 'Nothing is held.');
  });

const stateLines = ({ paused, storm, waiting, nextAt, intended, suppressed }: OutboundState): string[] => [
  ...(paused ? [`All sending is stopped ${brakeWords(paused)}; ${intended} wait: partner-intake outbound resume`] : []),
  ...(storm
    ? [
        `A storm of replies ${brakeWords(storm)}; replies are held until somebody ends it: partner-intake outbound resume`,
      ]
    : []),
  ...(waiting > 0
    ? [`${waiting} wait for an hour that has room for them, the next until ${nextAt?.toISOString()}`]
    : []),
  ...(suppressed > 0 ? [`Mail to ${suppressed} addresses is kept back: partner-intake outbound suppressed`] : []),
];

/** Also for doctor. */
export const brakeWords = ({ since, because }: Brake): string => `since ${since.toISOString()} (${because})`;

export type Which = { readonly all?: boolean; readonly reason?: string };

/** `outbound release ID`, `--all` or `--reason TEXT`: the daemon sends it. */
export const outboundRelease = (id: string | undefined, which: Which): Promise<void> =>
  end(id, which, 'release', 'the daemon sends it');

/** `outbound drop ID`, `--all` or `--reason TEXT`: it is never sent. */
export const outboundDrop = (id: string | undefined, which: Which): Promise<void> =>
  end(id, which, 'drop', 'dropped; it stays in the outbox, unsent');

function end(id: string | undefined, which: Which, how: 'release' | 'drop', done: string): Promise<void> {
  if ([id, which.all || undefined, which.reason].filter((one) => one !== undefined).length !== 1)
    throw new UsageError(`say which: partner-intake outbound ${how} ID, or --all, or --reason TEXT`);
  if (id !== undefined && !/^\d{1,15}$/.test(id))
    throw new UsageError(`"${id}" is no id of a mail: partner-intake outbound list shows them`);
  if (which.reason?.trim() === '') throw new UsageError('--reason is empty: give words of the reason, or --all');
  return withLedger(async ({ db }, config) => {
    const ctx = { db, policy: loadPolicy(config.policyDir), now: () => new Date() };
    if (id !== undefined) {
      if (!(await endHeld(ctx, Number(id), how)))
        throw new UserError(`mail ${id} is not held: partner-intake outbound list shows what is`);
      say(`mail ${id}: ${done}`);
    } else {
      const words = which.reason?.toLowerCase() ?? '';
      const chosen = (await listHeld(db)).filter(({ because }) => (because ?? '').toLowerCase().includes(words));
      let ended = 0;
      for (const mail of chosen) if (await endHeld(ctx, mail.id, how)) ended += 1;
      if (ended === 0)
        throw new UserError(
          `nothing is held${words === '' ? '' : ` because of "${which.reason}"`}: partner-intake outbound list shows what is`,
        );
      say(`${ended} mails: ${done}`);
    }
    const { paused } = await brakesOf(db);
    if (how === 'release' && paused) say('All sending is stopped: it goes out after partner-intake outbound resume.');
  });
}

/** `outbound pause`: once it returns no mail is taken for sending, by no process, until `outbound resume`. */
export const outboundPause = ({ because = 'by hand' }: { because?: string }): Promise<void> =>
  withLedger(async ({ db }) => {
    const stopped = await db.transaction().execute((tx) => pause(tx, { since: new Date(), because }));
    const { paused, sending } = await outboundState(db);
    if (!stopped && paused) throw new UserError(`all sending is stopped already, ${brakeWords(paused)}`);
    const inFlight = sending > 0 ? `; ${sending} were handed to the mail server just before` : '';
    say(
      `All sending is stopped${inFlight}. Replies are still written; they go out after partner-intake outbound resume.`,
    );
  });

/** `outbound resume`: ends a pause and a storm. */
export const outboundResume = (): Promise<void> =>
  withLedger(async ({ db }) => {
    const { paused, storm } = await db.transaction().execute((tx) => resume(tx, new Date()));
    if (!paused && !storm) throw new UserError('nothing is stopped: there is no pause and no storm to end');
    if (paused) say(`The pause ${brakeWords(paused)} is over: what was written meanwhile goes out now.`);
    if (storm) say(`The storm ${brakeWords(storm)} is over: new replies go out again.`);
    const { held } = await outboundState(db);
    if (held > 0)
      say(
        `${held} mails are held: partner-intake outbound list shows them; release or drop them by ID, --reason TEXT or --all.`,
      );
  });

/** `outbound suppressed`: addresses that mail of ours came back from for good. */
export const outboundSuppressed = (): Promise<void> =>
  withLedger(async ({ db }) => {
    const all = await listSuppressed(db);
    const lines = all.map(({ address, because, since }) => `${address}  since ${since.toISOString()}  ${because}`);
    say(lines.length > 0 ? lines.join('\n') : 'Mail to nobody is kept back.');
  });

/** `outbound unsuppress ADDRESS`: replies to it go out again. */
export const outboundUnsuppress = (address: string): Promise<void> =>
  withLedger(async ({ db }) => {
    const held = await db.transaction().execute((tx) => unsuppress(tx, address));
    if (held === undefined)
      throw new UserError(
        `mail to ${address} is not kept back: partner-intake outbound suppressed shows to whom it is`,
      );
    const rest = held > 0 ? `; ${held} held mails to it wait for partner-intake outbound release` : '';
    say(`Replies to ${address} go out again${rest}.`);
  });
