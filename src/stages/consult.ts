/** Asks the register and the directory what they know of an enquiry. */
import { messageOf } from '../errors.ts';
import type { Enquiry, Partner } from '../model.ts';
import { isDecidedBy } from '../pipeline/decide/decided-by.ts';
import { type DirectoryAnswer, domainOf, lookupsFor } from '../pipeline/decide/identify.ts';
import type { LicenceAnswer } from '../ports.ts';
import type { Context } from './context.ts';

export type Consultation = { readonly partner: Partner | null; readonly directory: DirectoryAnswer };
export type ConsultContext = Pick<Context, 'policy' | 'directory' | 'partners' | 'now'> & {
  readonly log?: Context['log'];
};

/** The registered partner a sender belongs to; nobody at a public mail service does. */
export async function partnerOf(ctx: Pick<Context, 'policy' | 'partners'>, sender: string): Promise<Partner | null> {
  const domain = domainOf(sender);
  const generic = ctx.policy.identification.genericDomains.includes(domain);
  return generic || domain === '' ? null : await ctx.partners.find(domain);
}

/** A directory that cannot be asked is said as such, unless what it did answer decides: it never means "no licences". */
export async function consult(ctx: ConsultContext, enquiry: Enquiry, sender: string): Promise<Consultation> {
  const partner = await partnerOf(ctx, sender);
  const lookups = lookupsFor(enquiry, partner?.domain ?? null, ctx.policy);
  const askedAt = lookups.length > 0 ? ctx.now().toISOString() : null;
  const asked = await Promise.allSettled(
    lookups.map(async ({ key, value }) => ({ key, value, ...(await ctx.directory.find(key, value)) })),
  );
  const found = asked.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  const failure = asked.find((one) => one.status === 'rejected');
  if (failure) ctx.log?.warn({ cause: messageOf(failure.reason) }, 'the licence directory did not answer');
  if (!failure || isDecidedBy(found, lookups, enquiry)) {
    const answers = found.map(({ key, value, rows }) => ({ key, value, rows }));
    const freshness = { askedAt, ...(askedAt ? ageOf(found, ctx.now()) : NO_ANSWER) };
    return { partner, directory: { reachable: true, answers, freshness } };
  }
  return { partner, directory: { reachable: false, answers: [], freshness: { askedAt, ...NO_ANSWER } } };
}

const NO_ANSWER = { answeredAt: null, ageSeconds: null };

/** How old the data of answers given now are, the oldest of them: none, for a directory that answers live. */
function ageOf(answers: readonly LicenceAnswer[], now: Date): { answeredAt: string; ageSeconds: number } {
  const from = Math.min(...answers.map(({ asOf }) => (asOf ?? now).getTime()));
  const ageSeconds = Math.max(0, Math.round((now.getTime() - from) / 1000));
  return { answeredAt: now.toISOString(), ageSeconds };
}
