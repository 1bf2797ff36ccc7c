/** What a refusal or a broken call means: a table of statuses and codes (Desk's REST API v1). */
import { IntakeError, type Verdict } from '../../errors.ts';
import type { Answer, Broken } from './http.ts';
import { BUSY_RETRY_MS, CONFIGURATION_RETRY_MS } from './limits.ts';
import { Refusal } from './schemas.ts';

/** A call, as far as its failures go. */
export type Failing = {
  /** What it does, in words that follow "Desk refuses": "the ticket". */
  readonly what: string;
  /** Doing it twice does it twice: then a call that broke may have had its effect. */
  readonly makes: boolean;
  /** The OAuth scope that it needs. */
  readonly scope: string;
  /** It fills in a form of the portal: what is missing there, an administrator made mandatory. */
  readonly fillsIn?: boolean;
};

/** The portal's variables, for messages that say what to mend. */
export type Names = {
  readonly portal: string;
  readonly orgId: string;
  variable(name: 'DATA_CENTRE' | 'ORG_ID' | 'DEPARTMENT_ID' | 'CLIENT_ID' | 'CLIENT_SECRET' | 'REFRESH_TOKEN'): string;
};

/** These speak of the network or the server: after some in a row no call is made for a while. */
export const OUTAGES: ReadonlySet<string> = new Set(['desk-broken', 'desk-server-error', 'desk-odd-answer']);

const doubtful = (call: Failing): Verdict => (call.makes ? 'unknown' : 'temporary');

/** No whole answer came. */
export function broken(call: Failing, { sent, because }: Broken): IntakeError {
  const verdict = sent ? doubtful(call) : 'temporary';
  return new IntakeError(verdict, 'desk-broken', `${call.what}: the connection to Desk broke: ${because}`, { sent });
}

/** An answer came that is not one of Desk's. */
export const odd = (call: Failing, status: number): IntakeError =>
  new IntakeError(
    doubtful(call),
    'desk-odd-answer',
    `${call.what}: Desk answers ${status} with something else than documented`,
    { status },
  );

/** Why Desk says that it refuses; null when it does not say so in its own form. */
export function refusalOf(text: string): Refusal | null {
  try {
    return Refusal.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** About the call itself: no second try helps. */
const ABOUT_THE_CALL = new Set([413, 415, 422]);

/** The verdict on an answer that is not 2xx. 401, and credits that are used up, are handled before. */
export function refused(call: Failing, answer: Answer, names: Names, random: () => number): IntakeError {
  const { status } = answer;
  const refusal = refusalOf(answer.text);
  const said = `${status}${refusal ? ` ${refusal.errorCode}` : ''}`;
  // A redirect may follow a done deed (303); 408 comes from something between us and Desk.
  if (status < 400 || status === 408) return odd(call, status);
  if (status >= 500)
    return new IntakeError(doubtful(call), 'desk-server-error', `${call.what}: Desk answers ${said}`, { status });
  if (status === 429) {
    const retryInMs = Math.round(BUSY_RETRY_MS * (0.5 + random()));
    return new IntakeError('temporary', 'desk-busy', `${call.what}: Desk has too many calls at once (${said})`, {
      status,
      retryInMs,
    });
  }
  if (status === 403) return forbidden(call, refusal?.errorCode ?? '', names);
  if (status === 404 && refusal)
    return new IntakeError('permanent', 'desk-not-found', `${call.what}: it is not in Desk (${said})`, { status });
  const amiss = whatToMend(call, refusal, names);
  if (amiss)
    return new IntakeError(
      'temporary',
      'desk-configuration',
      `Desk refuses ${call.what}: ${wrongFields(refusal)}${said}: ${amiss}`,
      {
        status,
        retryInMs: CONFIGURATION_RETRY_MS,
      },
    );
  if (ABOUT_THE_CALL.has(status) || refusal)
    return new IntakeError('permanent', 'desk-refused', `Desk refuses ${call.what}: ${wrongFields(refusal)}${said}`, {
      status,
    });
  // Not Desk's words: something between us answers, and will be gone one day.
  return new IntakeError('temporary', 'desk-odd-answer', `${call.what}: something answers ${said} instead of Desk`, {
    status,
  });
}

/** What is wrong with every mail alike is no fault of this one: it waits until a person has mended it. Null: the fault is this call's. */
function whatToMend({ fillsIn }: Failing, refusal: Refusal | null, names: Names): string | null {
  const errors = refusal?.errors ?? [];
  if (errors.some(({ fieldName }) => fieldName === '/departmentId'))
    return `check ${names.variable('DEPARTMENT_ID')}: is it a department of the portal, and switched on?`;
  if (fillsIn && errors.some(({ errorType }) => errorType === 'missing'))
    return `Desk portal ${names.portal} demands what not every mail tells: make that field optional (Setup > Customization > Layouts and Fields)`;
  return null;
}

/** Which fields are wrong, never their values. */
function wrongFields(refusal: Refusal | null): string {
  const wrong = (refusal?.errors ?? []).map(({ fieldName, errorType }) =>
    [(fieldName ?? '').replace(/[^\w./-]/g, '').slice(0, 100), (errorType ?? '').replace(/\W/g, '').slice(0, 40)].join(
      ' is ',
    ),
  );
  return wrong.length > 0 ? `${wrong.slice(0, 10).join(', ')}: ` : '';
}

/** Our configuration, not this mail: nothing may be lost by it, so it is tried again later. */
function forbidden(call: Failing, code: string, names: Names): IntakeError {
  const mend: Readonly<Record<string, string>> = {
    SCOPE_MISMATCH: `its token lacks the scope ${call.scope}: make a refresh token that has it, and set ${names.variable('REFRESH_TOKEN')}`,
    OAUTH_ORG_MISMATCH: `its token is not of organisation ${names.orgId}: check ${names.variable('ORG_ID')} and ${names.variable('REFRESH_TOKEN')}`,
    LICENSE_ACCESS_LIMITED: `the portal's edition does not allow this`,
  };
  return new IntakeError(
    'temporary',
    // Of the wrong organisation no call succeeds; a missing scope or right concerns this one.
    code === 'OAUTH_ORG_MISMATCH' ? 'desk-configuration' : 'desk-forbidden',
    `Desk portal ${names.portal} refuses ${call.what} (403${code ? ` ${code}` : ''}): ${mend[code] ?? `the user of ${names.variable('REFRESH_TOKEN')} may not do this: give them a role that may`}`,
    { status: 403, retryInMs: CONFIGURATION_RETRY_MS },
  );
}
