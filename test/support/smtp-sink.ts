/** A real SMTP server that keeps what it accepts, and fails the way a test tells it to. */
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { freePort } from './server-process.ts';

/**
 * `refuse`: nobody listens. `greet-421`, `greet-554`: turned away at the greeting. `rcpt-…`, `data-…`: that answer to that command
 * (`data-…` after the whole message; `data-unusual` because we send too much). `drop-before-data`: the line goes dead when the message is about to come.
 * `accept-and-drop`: the message is accepted and kept, but the line goes dead before the answer. `{ slow }`: the answer
 * to the message takes that many milliseconds.
 */
export type Fault =
  | 'refuse'
  | 'greet-421'
  | 'greet-554'
  | 'rcpt-4xx'
  | 'rcpt-5xx'
  | 'data-4xx'
  | 'data-5xx'
  | 'data-unusual'
  | 'drop-before-data'
  | 'accept-and-drop'
  | { readonly slow: number };

export type SinkMessage = {
  readonly raw: Buffer;
  readonly parsed: ParsedMail;
  readonly messageId: string;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
};

export type SinkOptions = {
  /** Implicit TLS with a self-signed certificate (`smtps:`). */
  readonly secure?: boolean;
  /** The only login that is let in; without it anybody is. */
  readonly login?: { readonly user: string; readonly pass: string };
  /** Lets in whoever shows a token of this user (XOAUTH2), and offers no other login. */
  readonly tokens?: { readonly user: string; ownerOf(token: string): string | null };
  /** Awaited before the answer to an accepted message, as Zoho files the copy in Sent before it says 250. */
  readonly onAccept?: (raw: Buffer) => Promise<void> | void;
};

export type SmtpSink = AsyncDisposable & {
  readonly port: number;
  readonly url: string;
  /** Accepted messages, oldest first. */
  readonly messages: readonly SinkMessage[];
  /** How often each Message-ID was accepted: more than once is a storm's first drop. */
  countByMessageId(): ReadonlyMap<string, number>;
  /** Fails the next `times` occasions, all of them unless told; null heals. */
  fail(fault: Fault | null, times?: number): Promise<void>;
  stop(): Promise<void>;
};

function refusal(code: number, says = `${code} as the test wants it`): Error {
  return Object.assign(new Error(says), { responseCode: code });
}

/** Domains in which nobody can have an address (RFC 2606): no test writes to any other. */
const RESERVED = /\.(example|invalid|test)$/i;

/** Starts the sink on a free port of 127.0.0.1. */
export async function startSmtpSink({ secure = false, login, tokens, onAccept }: SinkOptions = {}): Promise<SmtpSink> {
  const port = await freePort();
  const who = login?.user ?? tokens?.user;
  const messages: SinkMessage[] = [];
  /** Refused, and the test fails when the sink is stopped. */
  const strangers: string[] = [];
  const stopping = new AbortController();
  let fault: Fault | null = null;
  let left = 0;

  /** Whether `name` is to fail now: counts it. */
  const strikes = (name: Fault) => {
    if (fault !== name || left <= 0) return false;
    left -= 1;
    return true;
  };
  const slowness = () => (fault !== null && typeof fault === 'object' && left-- > 0 ? fault.slow : 0);

  const accept = async (raw: Buffer, session: SMTPServerSession) => {
    const parsed = await simpleParser(raw);
    const { mailFrom, rcptTo } = session.envelope;
    const envelope = { from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address) };
    messages.push({ raw, parsed, messageId: parsed.messageId ?? '', envelope });
    await onAccept?.(raw);
  };
  const receive = async (stream: SMTPServerDataStream, session: SMTPServerSession): Promise<Error | 'dead' | null> => {
    const raw = await buffer(stream);
    if (strikes('data-4xx')) return refusal(451);
    if (strikes('data-5xx')) return refusal(554);
    if (strikes('data-unusual')) return refusal(550, '5.4.6 Unusual sending activity detected');
    await accept(raw, session);
    if (strikes('accept-and-drop')) return 'dead';
    const wait = slowness();
    if (wait > 0) await pause(wait, undefined, { signal: stopping.signal }).catch(() => {});
    return stopping.signal.aborted ? 'dead' : null;
  };
  const cut = (session: SMTPServerSession) => {
    for (const connection of server.connections) if (connection.id === session.id) connection._socket.destroy();
  };

  const server: SMTPServer = new SMTPServer({
    secure,
    logger: false, // or it warns of the built-in certificate
    hideSTARTTLS: true,
    authOptional: login === undefined && tokens === undefined,
    ...(tokens ? { authMethods: ['XOAUTH2'] } : {}),
    allowInsecureAuth: true,
    disableReverseLookup: true,
    closeTimeout: 200,
    onConnect(_session, callback) {
      callback(strikes('greet-421') ? refusal(421) : strikes('greet-554') ? refusal(554) : null);
    },
    onAuth(auth, _session, callback) {
      if (tokens)
        return callback(null, tokens.ownerOf(auth.accessToken ?? '') === auth.username ? { user: auth.username } : {});
      const known = login === undefined || (auth.username === login.user && auth.password === login.pass);
      if (known) callback(null, { user: auth.username ?? 'anybody' });
      else callback(Object.assign(new Error('Authentication Failed'), { responseCode: 535 }));
    },
    onRcptTo({ address }, session, callback) {
      if (!RESERVED.test(address)) {
        strangers.push(address);
        return callback(Object.assign(new Error(`${address} may exist`), { responseCode: 550 }));
      }
      if (strikes('drop-before-data')) cut(session);
      else if (strikes('rcpt-4xx')) callback(refusal(451));
      else if (strikes('rcpt-5xx')) callback(refusal(550));
      else callback(null);
    },
    onData(stream, session, callback) {
      receive(stream, session).then((answer) => {
        if (answer === 'dead') cut(session);
        else callback(answer);
      }, callback);
    },
  });
  server.on('error', () => {}); // a client that goes away is the client's matter

  const listen = async () => {
    server.listen(port, '127.0.0.1');
    await once(server.server, 'listening');
  };
  await listen();
  const stop = async () => {
    stopping.abort();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    if (strangers.length > 0) throw new Error(`mail to people who may exist: ${strangers.join(', ')}`);
  };
  return {
    port,
    url: `${secure ? 'smtps' : 'smtp'}://${who ? `${encodeURIComponent(who)}@` : ''}127.0.0.1:${port}`,
    messages,
    countByMessageId() {
      const counts = new Map<string, number>();
      for (const { messageId } of messages) counts.set(messageId, (counts.get(messageId) ?? 0) + 1);
      return counts;
    },
    async fail(next, times = Number.POSITIVE_INFINITY) {
      if (next === 'refuse' && fault !== 'refuse') server.server.close();
      if (next !== 'refuse' && fault === 'refuse') await listen();
      fault = next;
      left = times;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
