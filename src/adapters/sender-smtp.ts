/** Sends by SMTP (nodemailer, pooled). One attempt is one attempt: who tries again looks first. */
import type { Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import { IntakeError, messageOf, type Verdict } from '../errors.ts';
import type { MailSender, OutgoingMail } from '../ports.ts';

const MAX_CONNECTIONS = 4;
const MESSAGES_PER_CONNECTION = 100;
const CONNECT_TIMEOUT_MS = 15_000;
const SOCKET_TIMEOUT_MS = 45_000;
/** The whole of one attempt, waiting for a free connection included. */
const SEND_TIMEOUT_MS = 60_000;

export type SmtpOptions = {
  readonly url: URL;
  readonly password: string | null;
  /** Tells whether a message of ours was accepted earlier (the Sent folder of the same account). */
  readonly find: (messageId: string) => Promise<'sent' | 'not-sent' | 'unknown'>;
};

const isLoopback = (host: string): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(host);

/** A sender for `smtp://` or `smtps://`. Outside loopback, `smtp://` must upgrade by STARTTLS or nothing is sent. */
export function createSmtpSender({ url, password, find }: SmtpOptions): MailSender {
  const secure = url.protocol === 'smtps:';
  const user = decodeURIComponent(url.username);
  const pass = password ?? decodeURIComponent(url.password);
  const transport = createTransport({
    pool: true,
    // nodemailer would send again by itself after a broken connection: only the ledger may decide that.
    maxRequeues: 0,
    maxConnections: MAX_CONNECTIONS,
    maxMessages: MESSAGES_PER_CONNECTION,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && !isLoopback(url.hostname),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(user ? { auth: { user, pass } } : {}),
  });
  // nodemailer says CONN of every connection that breaks, also while the server has the message and owes the answer:
  // whether any of the message was handed over, only its stream can tell.
  const streams = new WeakMap<AbortSignal, Readable>();
  transport.use('stream', ({ message, data }, done) => {
    const open = message?.createReadStream.bind(message);
    if (message && open && data.signal) {
      const { signal } = data;
      message.createReadStream = (options) => {
        const stream = open(options);
        streams.set(signal, stream);
        return stream;
      };
    }
    done();
  });
  return {
    find,
    async send(mail) {
      const message = toNodemailer(mail);
      const signal = AbortSignal.timeout(SEND_TIMEOUT_MS);
      try {
        const info = await transport.sendMail({ ...message, signal });
        return String(info.response ?? 'accepted');
      } catch (error) {
        throw toIntakeError(error as SmtpError, streams.get(signal)?.readableDidRead ?? false);
      }
    },
    async check() {
      try {
        await transport.verify();
        return `${url.host} answers and accepts the login`;
      } catch (error) {
        throw toIntakeError(error as SmtpError, false);
      }
    },
    close: async () => transport.close(),
  };
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
  if (error.code === 'EAUTH' || command.startsWith('AUTH')) return make('temporary', 'auth');
  if (error.responseCode && error.responseCode >= 500)
    return make(ABOUT_US.has(command) || isTooMuch(error.response ?? '') ? 'temporary' : 'permanent', 'refused');
  if (error.responseCode) return make('temporary', 'refused');
  if (error.code === 'EENVELOPE' || error.code === 'EMESSAGE') return make('permanent', 'refused');
  return make(begun ? 'unknown' : 'temporary', 'network');
}
