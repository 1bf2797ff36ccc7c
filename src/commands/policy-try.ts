import pLimit from 'p-limit';
import { createReaderPool, type ReaderPool } from '../adapters/reader-pool.ts';
import { UsageError, UserError } from '../errors.ts';
import { type DecidedMail, decidedMails, lastDecided } from '../ledger/decided.ts';
import { originalOf } from '../ledger/mails.ts';
import type { Db } from '../ledger/schema.ts';
import type { Decision, Enquiry, ParsedMail } from '../model.ts';
import { openDirectories } from '../open-stores.ts';
import { classify } from '../pipeline/decide/classify.ts';
import { loadPolicy, type Policy } from '../policy.ts';
import type { LicenceDirectory, PartnerRegister } from '../ports.ts';
import { type ConsultContext, consult } from '../stages/consult.ts';
import { say, sayJson, withLedger } from './support.ts';
import { type Difference, differenceBetween, differenceLine, summaryLine, summaryOf } from './try-difference.ts';

const DEFAULT_LAST = 500;
/** Mails held in memory at once: each has its whole text. */
const BATCH = 50;
/** Mails decided at once: mostly waiting for the directory. */
const AT_ONCE = 8;

export type TryOptions = { readonly last?: string; readonly reread?: boolean; readonly json?: boolean };

/**
 * `policy try FOLDER`: what would differ in the ledger's last mails under another policy. Both policies decide now, on the
 * same answers of the directory, so that only the policy differs. Writes nothing.
 */
export async function policyTry(folder: string, options: TryOptions): Promise<void> {
  const last = options.last === undefined ? DEFAULT_LAST : Number(options.last);
  if (!Number.isInteger(last) || last < 1) throw new UsageError(`--last ${options.last} is no number of mails`);
  const tried = loadPolicy(folder);
  await withLedger(async (ledger, config) => {
    const inForce = loadPolicy(config.policyDir);
    const { directory, partners } = openDirectories(config);
    const asked = { directory: remembering(directory), partners: rememberingPartners(partners), now: () => new Date() };
    await using resources = new AsyncDisposableStack();
    const sideOf = (policy: Policy): Side => ({
      ctx: { policy, ...asked },
      pool: options.reread ? openPool(policy, resources) : null,
    });
    const [before, after] = [sideOf(inForce), sideOf(tried)];
    const ids = await lastDecided(ledger.db, last, options);
    const differences: Difference[] = [];
    let unreachable = 0;
    for (let from = 0; from < ids.length; from += BATCH) {
      const mails = await decidedMails(ledger.db, ids.slice(from, from + BATCH));
      const limit = pLimit(AT_ONCE);
      const decided = await Promise.all(mails.map((mail) => limit(() => both(ledger.db, mail, before, after))));
      unreachable += decided.filter(({ reachable }) => !reachable).length;
      differences.push(...decided.flatMap(({ difference }) => difference ?? []));
    }
    const summary = { mails: ids.length, ...summaryOf(differences), inForce: inForce.hash, tried: tried.hash };
    if (options.json) {
      for (const difference of differences) sayJson(difference);
      sayJson({ summary: { ...summary, directoryUnreachable: unreachable } });
    } else {
      say(summaryLine(summary));
      if (unreachable > 0) say(`(the licence directory did not answer for ${unreachable}: both were decided without)`);
      for (const difference of differences) say(differenceLine(difference));
    }
  });
}

type Side = { readonly ctx: ConsultContext; readonly pool: ReaderPool | null };

function openPool(policy: Policy, resources: AsyncDisposableStack): ReaderPool {
  const pool = createReaderPool({ policy, threads: 1 });
  resources.defer(() => pool.close());
  return pool;
}

async function both(
  db: Db,
  mail: DecidedMail,
  before: Side,
  after: Side,
): Promise<{ reachable: boolean; difference: Difference | null }> {
  const raw = before.pool && after.pool ? await originalOf(db, mail.id) : null;
  const one = await decide(mail, before, raw);
  const other = await decide(mail, after, raw);
  const reachable = ![one, other].some(({ tags }) => tags.includes('directory-unreachable'));
  return { reachable, difference: differenceBetween(mail, one, other) };
}

async function decide(mail: DecidedMail, { ctx, pool }: Side, raw: Buffer | null): Promise<Decision> {
  const { parsed, enquiry } = pool && raw ? await readAgain(mail, pool, raw) : mail;
  const consultation = await consult(ctx, enquiry, parsed.from.address);
  const { mailbox, arrivedAt, override } = mail;
  return classify({ mail: parsed, enquiry, mailbox, arrivedAt, override, ...consultation }, ctx.policy);
}

/** What is read of the mail with the words of this policy; what answers and associates filled in later stays. */
async function readAgain(
  mail: DecidedMail,
  pool: ReaderPool,
  raw: Buffer,
): Promise<{ parsed: ParsedMail; enquiry: Enquiry }> {
  const reading = await pool.read(raw).catch((error: unknown) => {
    throw new UserError(`mail ${mail.id} cannot be read again: ${String(error)}`);
  });
  const filledLater = Object.entries(mail.enquiry.fields).filter(
    ([name, field]) => field?.value !== mail.read.fields[name as keyof Enquiry['fields']]?.value,
  );
  const fields = { ...reading.enquiry.fields, ...Object.fromEntries(filledLater) };
  return { parsed: reading.mail, enquiry: { ...reading.enquiry, fields } };
}

/** Asked once for each key: both policies are given the same answer. */
function remembering(directory: LicenceDirectory): LicenceDirectory {
  const answers = new Map<string, ReturnType<LicenceDirectory['find']>>();
  return {
    ...directory,
    find(key, value) {
      const name = `${key} ${value}`;
      const answer = answers.get(name) ?? directory.find(key, value);
      answers.set(name, answer);
      return answer;
    },
  };
}

function rememberingPartners(partners: PartnerRegister): PartnerRegister {
  const answers = new Map<string, ReturnType<PartnerRegister['find']>>();
  return {
    ...partners,
    find(domain) {
      const answer = answers.get(domain) ?? partners.find(domain);
      answers.set(domain, answer);
      return answer;
    },
  };
}
