/** What an associate may correct on a ticket, and how each value has to look. */
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { type FieldName, type FieldValue, Severity } from '../model.ts';
import { compileProducts, findProduct } from '../pipeline/extract/products.ts';
import type { Policy } from '../policy.ts';
import type { Change } from './decide-again.ts';

/** Who sets it, when, and why: for the history. */
export type Hand = { readonly by: string; readonly at: Date; readonly because: string | null };

/** What a change by hand brings to the workflow. */
export type Correction = Pick<Change, 'superadmin' | 'keys' | 'severity'>;

type Field = (value: string, hand: Hand, policy: Policy) => Correction;

/** Leaves the severity to the rules again. */
const BY_THE_RULES = 'auto';
/** Zoho's ids: 16 to 19 digits would be a record's (DOMAIN, who and what). */
const ID = /^\d{5,12}$/;

const filled = (value: string): FieldValue => ({
  value,
  confidence: 1,
  source: { part: 'text', start: 0, end: 0, label: 'set by an associate', language: null },
  by: 'associate',
});

function address(value: string): FieldValue {
  const read = z.email().safeParse(value.toLowerCase());
  if (!read.success) throw new UsageError(`"${value}" is no mail address`);
  return filled(read.data);
}

const id =
  (field: FieldName): Field =>
  (value) => {
    if (!ID.test(value)) throw new UsageError(`"${value}" is no ${field.toUpperCase()}: give 5 to 12 digits`);
    return { superadmin: null, keys: { [field]: filled(value) } };
  };

const FIELDS: Readonly<Record<string, Field>> = {
  superadmin: (value) => ({ superadmin: address(value) }),
  customer: (value) => ({ superadmin: null, keys: { customerEmail: address(value) } }),
  zuid: id('zuid'),
  zoid: id('zoid'),
  zgid: id('zgid'),
  product(value, _, policy) {
    const product = findProduct(compileProducts(policy.services), value, 'field');
    if (!product) throw new UsageError(`"${value}" is no product that services.yaml knows`);
    return { superadmin: null, keys: { product: filled(product.name) } };
  },
  severity(value, { by, at, because }) {
    if (value.toLowerCase() === BY_THE_RULES) return { superadmin: null, severity: 'by-the-rules' };
    const read = Severity.safeParse(value.toUpperCase());
    if (!read.success)
      throw new UsageError(`"${value}" is no severity: give S1, S2 or S3, or ${BY_THE_RULES} to leave it to the rules`);
    const override = { severity: read.data, by, at: at.toISOString(), because: because ?? 'no reason given' };
    return { superadmin: null, severity: override };
  },
};

/** @throws UsageError when there is no such field. */
export function settableField(name: string): Field {
  const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  if (!field) throw new UsageError(`${name} cannot be set: the fields are ${Object.keys(FIELDS).join(', ')}`);
  return (value, hand, policy) => field(value.trim(), hand, policy);
}
