/** The reading half of the pipeline in one call: the bytes of a mail and a policy in, what it is and what it says out. */
import type { Enquiry, ParsedMail } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import { extract } from '../extract/extract.ts';
import { parseByHand, parseMail } from './parse.ts';

/** `pastLimit` says which limit the mail is past, and that this is only what its headers and its beginning say; else null. */
export type ReadMail = { readonly mail: ParsedMail; readonly enquiry: Enquiry; readonly pastLimit: string | null };

/** Reads a mail in full. Never throws, but has no limit on time or memory: hostile mail belongs into the reader pool. */
export async function readMail(raw: Buffer, policy: Policy): Promise<ReadMail> {
  const { mail, layout, pastLimit } = await parseMail(raw, policy);
  return { mail, enquiry: extract(mail, policy, layout), pastLimit };
}

/** Reads the headers and a bounded slice of the raw text, after reading in full failed because of `cause`. */
export function readMailByHand(raw: Buffer, policy: Policy, cause: string): ReadMail {
  const { mail, layout } = parseByHand(raw, policy, cause);
  return { mail, enquiry: extract(mail, policy, layout), pastLimit: null };
}
