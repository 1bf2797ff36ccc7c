/** Asks the register and the directory what they know of an enquiry. */
import { messageOf } from '../errors.ts';
import type { Enquiry, Partner } from '../model.ts';
import { type DirectoryAnswer, domainOf, lookupsFor } from '../pipeline/decide/identify.ts';
import type { LicenceDirectory } from '../ports.ts';
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

/** A directory that cannot be asked is said as such: it never means "no licences". */
export async function consult(ctx: ConsultContext, enquiry: Enquiry, sender: string): Promise<Consultation> {
  const partner = await partnerOf(ctx, sender);
  const lookups = lookupsFor(enquiry, partner?.domain ?? null, ctx.policy);
  const askedAt = lookups.length > 0 ? ctx.now().toISOString() : null;
  try {
    const answers = await Promise.all(
      lookups.map(async ({ key, value }) => ({ key, value, rows: await ctx.directory.find(key, value) })),
    );
    const freshness = { askedAt, ...(askedAt ? ageOf(ctx.directory, ctx.now()) : NO_ANSWER) };
    return { partner, directory: { reachable: true, answers, freshness } };
  } catch (error) {
    ctx.log?.warn({ cause: messageOf(error) }, 'the licence directory did not answer');
    return { partner, directory: { reachable: false, answers: [], freshness: { askedAt, ...NO_ANSWER } } };
  }
}

const NO_ANSWER = { answeredAt: null, ageSeconds: null };

/** How old the data of an answer given now are: none, for a directory that answers live. */
function ageOf({ asOf }: LicenceDirectory, now: Date): { answeredAt: string; ageSeconds: number } {
  const from = asOf?.() ?? now;
  const ageSeconds = Math.max(0, Math.round((now.getTime() - from.getTime()) / 1000));
  return { answeredAt: now.toISOString(), ageSeconds };
}
