/** Asks the register and the directory what they know of an enquiry. */
import { messageOf } from '../errors.ts';
import type { Enquiry, Partner } from '../model.ts';
import { type DirectoryAnswer, domainOf, lookupsFor } from '../pipeline/identify.ts';
import type { Context } from './context.ts';

export type Consultation = { readonly partner: Partner | null; readonly directory: DirectoryAnswer };
export type ConsultContext = Pick<Context, 'policy' | 'directory' | 'partners'> & { readonly log?: Context['log'] };

/** A directory that cannot be asked is said as such: it never means "no licences". */
export async function consult(ctx: ConsultContext, enquiry: Enquiry, sender: string): Promise<Consultation> {
  const domain = domainOf(sender);
  const generic = ctx.policy.identification.genericDomains.includes(domain);
  const partner = generic || domain === '' ? null : await ctx.partners.find(domain);
  const lookups = lookupsFor(enquiry, partner?.domain ?? null, ctx.policy);
  try {
    const answers = await Promise.all(
      lookups.map(async ({ key, value }) => ({ key, value, rows: await ctx.directory.find(key, value) })),
    );
    return { partner, directory: { reachable: true, answers } };
  } catch (error) {
    ctx.log?.warn({ cause: messageOf(error) }, 'the licence directory did not answer');
    return { partner, directory: { reachable: false, answers: [] } };
  }
}
