/** Sends by SMTP (nodemailer, pooled). One attempt is one attempt: who tries again looks first. */
import { IntakeError, messageOf, type Verdict } from '../errors.ts';
import type { MailSender, OutgoingMail } from '../ports.ts';
import { credentialsOf, type Login } from './login.ts';
import { createSmtpPools, REFUSED_LOGIN, type SmtpPool } from './smtp-pools.ts';

/** The whole of one attempt, waiting for a free connection included. */
const SEND_TIMEOUT_MS = 60_000;

export type SmtpOptions = {
  readonly url: URL;
  /** Null: the server takes mail of anybody. */
  readonly login: Login | null;
  /** Tells whether a message of ours was accepted earlier (the Sent folder of the same account). */
  readonly find: (messageId: string) => Promise<'sent' | 'not-sent' | 'unknown'>;
};

/** A sender for `smtp://` or `smtps://`. Outside loopback, `smtp://` must upgrade by STARTTLS or nothing is sent. */
export function createSmtpSender({ url, login, find }: SmtpOptions): MailSender {
  const pools = createSmtpPools(url, login === null ? null : credentialsOf(login));
  return {
    find,
    async send(mail) {
      const message = toNodemailer(mail);
      return await loggedIn(async (pool) => {
        const signal = AbortSignal.timeout(SEND_TIMEOUT_MS);
        try {
          const info = await pool.transport.sendMail({ ...message, signal });
          return String(info.response ?? 'accepted');
        } catch (error) {
          throw toIntakeError(error as SmtpError, pool.begun(signal));
        }
      });
    },
    check: () =>
      loggedIn(async ({ transport }) => {
        try {
          await transport.verify();
          return `${url.host} answers and accepts the login`;
        } catch (error) {
          throw toIntakeError(error as SmtpError, false);
        }
      }),
    close: async () => pools.close(),
  };

  /** A refused password is looked up once more: nothing was handed over before the login. */
  async function loggedIn<T>(attempt: (pool: SmtpPool) => Promise<T>): Promise<T> {
    const pool = await pools.current();
    try {
      return await attempt(pool);
    } catch (error) {
      if (!(error instanceof IntakeError && error.code === REFUSED_LOGIN)) throw error;
      const renewed = await pools.renewed(pool);
      if (renewed === null) throw error;
      return await attempt(renewed);
    }
  }
}

/** One address and nothing else: what would be read as a second recipient, a name or a command is not. */
const ONE_ADDRESS = /^[^\s\p{C}@<>,;:"()[\]\\]{1,64}@[^\s\p{C}@<>,;:"()[\]\\]{1,253}$/u;

/** On one line; nothing that a mail says ends a header field. */
const oneLine = (value: string): string => value.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
/** Without any space: what would be two ids is one that nobody has. */
const oneId = (value: string): string => value.replace(/[\s\p{Cc}\u2028\u2029]+/gu, '');

/**
 * The mail in nodemailer's words: no content is ever read from a file or an address, and whoever composed it, no value adds a field
 * or a recipient.
 * @throws IntakeError `permanent` when it is not for exactly one address.
 */
export function toNodemailer(mail: OutgoingMail) {
  for (const address of [mail.to, ...(mail.replyTo === undefined ? [] : [mail.replyTo])])
    if (!ONE_ADDRESS.test(address))
      throw new IntakeError('permanent', 'unsafe-address', 'this is not one plain address: it is not written to');
  return {
    messageId: oneId(mail.messageId),
    from: oneLine(mail.from),
    to: mail.to,
    subject: oneLine(mail.subject),
    text: mail.text,
    html: mail.html,
    ...(mail.replyTo ? { replyTo: mail.replyTo } : {}),
    ...(mail.inReplyTo ? { inReplyTo: oneId(mail.inReplyTo) } : {}),
    references: mail.references.map(oneId),
    headers: Object.fromEntries(
      Object.entries(mail.headers).map(([name, value]) => [name.replace(/[^A-Za-z0-9-]/g, ''), oneLine(value)]),
    ),
  };
}

type SmtpError = Error & { code?: string; responseCode?: number; command?: string; response?: string };

/** Refusals of us, not of the message: to be mended in the configuration, then tried again. */
const ABOUT_US = new Set(['CONN', 'EHLO', 'HELO', 'STARTTLS', 'MAIL FROM']);

/** Refusals of how much we send, worded as final: Zoho says "550 5.4.6 Unusual sending activity detected", others "too many", "limit". */
const TOO_MUCH = /\b5\.4\.6\b|\bunusual\b|\btoo many\b|\blimit/i;
/** The mail itself is too big, or the recipient's mailbox is full. */
const TOO_BIG = /\b5\.(?:3\.4|2\.[23])\b|\bsize\b|\btoo (?:big|large)\b/i;
const isTooMuch = (said: string): boolean => TOO_MUCH.test(said) && !TOO_BIG.test(said);

/** @param begun whether any of the message was handed over: without an answer it may then have been accepted. */
function toIntakeError(error: SmtpError, begun: boolean): IntakeError {
  const command = error.command ?? '';
  const fields = { command, ...(error.responseCode ? { response: error.responseCode } : {}) };
  const make = (verdict: Verdict, code: string): IntakeError =>
    new IntakeError(verdict, code, messageOf(error), fields, { cause: error });
  if (error.code === 'EAUTH' || command.startsWith('AUTH')) return make('temporary', REFUSED_LOGIN);
  if (error.responseCode && error.responseCode >= 500)
    return make(ABOUT_US.has(command) || isTooMuch(error.response ?? '') ? 'temporary' : 'permanent', 'refused');
  if (error.responseCode) return make('temporary', 'refused');
  if (error.code === 'EENVELOPE' || error.code === 'EMESSAGE') return make('permanent', 'refused');
  return make(begun ? 'unknown' : 'temporary', 'network');
}
