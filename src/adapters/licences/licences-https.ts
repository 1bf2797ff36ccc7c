/** The licence directory behind an internal service: `LICENCES=https://host/path`. */
import type { LookupKey } from '../../model.ts';
import type { LicenceDirectory } from '../../ports.ts';
import { CACHE_LIMITS, type CacheLimits, createLicenceCache, type Kept } from './licence-cache.ts';
import { carefully, SERVICE_LIMITS, type ServiceLimits } from './licence-care.ts';
import { isOfTheQuestion } from './licence-failures.ts';
import { createRequester, type LicenceService, nameOf, type Question } from './licence-request.ts';

/** Questions that the service failed at and that are remembered. */
const MOST_FAILED = 1_000;
/** An address has at most 320 characters (RFC 3696), an id far fewer. */
const LONGEST_VALUE = 320;
/** A key that several accounts share decides nothing: beyond these, their other rows are not asked for. */
const MOST_OWNERS = 3;

export type HttpsOptions = {
  readonly limits?: Partial<ServiceLimits>;
  readonly cache?: Partial<CacheLimits>;
  readonly now?: () => Date;
  readonly random?: () => number;
};

/** `find` throws IntakeError `temporary` for whatever keeps the service from answering when nothing that is kept can stand in. */
export function createHttpsDirectory(service: LicenceService, options: HttpsOptions = {}): LicenceDirectory {
  const limits = { ...SERVICE_LIMITS, ...options.limits };
  const { now = () => new Date(), random = Math.random } = options;
  const request = createRequester(service, limits, now);
  const ask = carefully(request, nameOf(service), limits, now, random);
  const cache = createLicenceCache({ ...CACHE_LIMITS, ...options.cache });
  const running = new Map<string, Promise<Kept>>();
  const failedAt = new Map<string, { readonly at: number; readonly error: unknown }>();

  async function askAndKeep(name: string, question: Question): Promise<Kept> {
    const asOf = now();
    try {
      const last = failedAt.get(name);
      if (last && asOf.getTime() - last.at < limits.failedMs) throw last.error;
      failedAt.delete(name);
      const answer = { rows: await ask(question), asOf };
      cache.keep(name, answer);
      return answer;
    } catch (error) {
      if (isOfTheQuestion(error) && !failedAt.has(name)) remember(name, error);
      const stale = cache.stale(name, now());
      if (stale) return stale;
      throw error;
    }
  }

  function remember(name: string, error: unknown): void {
    failedAt.set(name, { at: now().getTime(), error });
    const [oldest] = failedAt.keys();
    if (failedAt.size > MOST_FAILED && oldest !== undefined) failedAt.delete(oldest);
  }

  async function answerTo(question: Question): Promise<Kept> {
    const name = `${question.key} ${question.value}`;
    const fresh = cache.fresh(name, now());
    if (fresh) return fresh;
    const asked = running.get(name) ?? askAndKeep(name, question).finally(() => running.delete(name));
    running.set(name, asked);
    return await asked;
  }

  /** The service gives the rows that hold the key; the account is all rows of their super admin, as in a file. */
  async function wholeAccounts(found: Kept): Promise<Kept> {
    const owners = [...new Set(found.rows.map((row) => row.superadminEmail))];
    if (owners.length > MOST_OWNERS) return found;
    const accounts = await Promise.all(owners.map((value) => answerTo({ key: 'superadminEmail', value })));
    const rows = accounts.flatMap((account, at) =>
      account.rows.length > 0 ? account.rows : found.rows.filter((row) => row.superadminEmail === owners[at]),
    );
    return { rows, asOf: new Date(Math.min(...[found, ...accounts].map(({ asOf }) => asOf.getTime()))) };
  }

  return {
    async find(key, value) {
      const question = questionFor(key, value);
      if (!question) return { rows: [], asOf: null };
      const found = await answerTo(question);
      return question.key === 'superadminEmail' ? found : await wholeAccounts(found);
    },
    async check() {
      await request({ key: 'superadminEmail', value: 'nobody@partner-intake.example' });
      return `${nameOf(service)} answers`;
    },
  };
}

/** What INTERFACES lets us ask; null for what nobody can have, so that a stranger's text goes no further. */
function questionFor(key: LookupKey, value: string): Question | null {
  const text = value.trim().toLowerCase();
  if (text === '' || text.length > LONGEST_VALUE || /[\s\p{C}]/u.test(text)) return null;
  // A customer who is a super admin is found as one.
  if (key === 'customerEmail') return { key: 'superadminEmail', value: text };
  if (key === 'superadminEmail' || key === 'domain') return { key, value: text };
  return /^\d+$/.test(text) ? { key, value: text } : null;
}
