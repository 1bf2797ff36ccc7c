/** What went wrong with an IMAP server, as a verdict and in words that say how to mend it. */
import type { ImapFlowError } from 'imapflow';
import { IntakeError, messageOf, type Verdict } from '../errors.ts';
import type { ImapAccount } from './imap-account.ts';

type Words = (account: ImapAccount) => string;

/** The code of a refusal that another password or token would end. */
export const REFUSED_LOGIN = 'auth';

export const place = ({ host, port }: ImapAccount): string => `${host}:${port}`;

const refusesSecret: Words = (account) => {
  const what =
    account.credentials.kind === 'token'
      ? `the access token of ${account.user}: check the scope and whose consent it is`
      : `the password of ${account.user}: check it (Zoho wants an app password)`;
  return `${place(account)} refuses ${what}`;
};

/** Texts of servers that have a known meaning, the most telling first. Zoho's are quoted from its help pages. */
const KNOWN: readonly {
  readonly text: RegExp;
  readonly verdict: Verdict;
  readonly code: string;
  readonly words: Words;
}[] = [
  {
    text: /yet to enable IMAP|IMAP (access )?(is )?(disabled|not enabled)/i,
    verdict: 'permanent',
    code: 'config',
    words: ({ user }) =>
      `IMAP is switched off for ${user}: switch it on in Zoho Mail, Settings, Mail Accounts, IMAP Access`,
  },
  {
    text: /server details you are using seems? incorrect/i,
    verdict: 'permanent',
    code: 'config',
    words: ({ host, user }) =>
      `${host} is not the server of ${user}: organisation accounts use imappro.zoho.com, personal ones imap.zoho.com, with .eu or .in instead of .com by data centre`,
  },
  {
    text: /login is disabled|LOGINDISABLED|PRIVACYREQUIRED|plaintext authentication (is )?(disallowed|not allowed|disabled)/i,
    verdict: 'permanent',
    code: 'config',
    words: (account) => `${place(account)} takes no login without TLS: use imaps://`,
  },
  {
    // imapflow's own words, of a token alone.
    text: /^Unsupported authentication mechanism$/,
    verdict: 'permanent',
    code: 'config',
    words: (account) =>
      `${place(account)} offers no OAuth login (neither XOAUTH2 nor OAUTHBEARER): use an app password instead`,
  },
  {
    text: /unusual activity|account (is )?(temporarily )?(blocked|locked)|too many (login )?(attempts|failures)/i,
    verdict: 'temporary',
    code: 'blocked',
    words: ({ host, user }) => `${host} blocks ${user} for a while because of unusual activity`,
  },
  {
    text: /too many (simultaneous |concurrent )?(connections|sessions)|maximum number of connections|\[(LIMIT|INUSE)\]/i,
    verdict: 'temporary',
    code: 'sessions',
    words: ({ host, user }) => `${host} allows no further session of ${user}: mail programs may hold the others`,
  },
];

/** Plain words, or the code (RFC 5530), for a wrong password or token. */
const WRONG_SECRET =
  /\[AUTHENTICATIONFAILED\]|\b(authentication|login) failed\b|\b(invalid|incorrect|wrong|bad) (credentials|login|user ?name|password|token)\b/i;
const OUT_OF_ORDER = /\[(UNAVAILABLE|SERVERBUG)\]/;
const UNAVAILABLE = /temporar(y|ily)|try again|internal error/i;

/** Of a failed login: "please try again" is said of a mistyped password as well, and another password or token would end it. */
const isRefusedSecret = (said: string): boolean =>
  !OUT_OF_ORDER.test(said) && (WRONG_SECRET.test(said) || !UNAVAILABLE.test(said));

/** Anything thrown while talking IMAP as an IntakeError: network trouble is `temporary`, what only a person can mend `permanent`. */
export function toImapError(thrown: unknown, account: ImapAccount, doing: string): IntakeError {
  if (thrown instanceof IntakeError) return thrown;
  const error = (thrown instanceof Error ? thrown : new Error(String(thrown))) as ImapFlowError;
  const fields = { host: account.host, port: account.port, doing };
  const fail = (verdict: Verdict, code: string, words: string): IntakeError =>
    new IntakeError(verdict, code, words, fields, { cause: error });

  const code = error.serverResponseCode ? `[${error.serverResponseCode}]` : '';
  const said = [code, textOf(error), error.reason, error.message].filter(Boolean).join(' ');
  const known = KNOWN.find(({ text }) => text.test(said));
  if (known) return fail(known.verdict, known.code, known.words(account));
  if (error.authenticationFailed && isRefusedSecret(said)) {
    return fail('permanent', REFUSED_LOGIN, refusesSecret(account));
  }
  if (OUT_OF_ORDER.test(said) || UNAVAILABLE.test(said)) {
    return fail('temporary', 'unavailable', `${account.host} cannot serve the mailbox just now`);
  }
  if (error.mailboxMissing) return fail('permanent', 'config', `${account.user} has no folder ${account.folder}`);
  if (error.tlsFailed && /STARTTLS/i.test(said)) {
    return fail('permanent', 'config', `${place(account)} offers no STARTTLS: use imaps:// and its port`);
  }
  if (/CERT|SELF_SIGNED|LEAF_SIGNATURE|ISSUER/i.test(error.code ?? '') || error.tlsFailed) {
    return fail('temporary', 'tls', `the certificate of ${place(account)} is not trusted: ${messageOf(error)}`);
  }
  if (error.code === 'ENOTFOUND') {
    return fail('temporary', 'network', `no host is named ${account.host}: check the mailbox URL and the name server`);
  }
  const told = error.reason || textOf(error) || messageOf(error);
  return fail('temporary', 'network', `${place(account)}: ${told} (${doing})`);
}

const textOf = (error: ImapFlowError): string =>
  error.responseText || (typeof error.response === 'string' ? error.response : '');

/** A server's "NO" to one command: the connection lives on. */
export function isRefusal(thrown: unknown): boolean {
  const cause = thrown instanceof IntakeError ? thrown.cause : thrown;
  return cause instanceof Error && (cause as ImapFlowError).responseStatus === 'NO';
}
