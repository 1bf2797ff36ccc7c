/** Which service a request is judged by: one that is measured by contacts or rows gets no priority (DOMAIN, priority support). */

import type { Reason } from '../../model.ts';
import type { LanguagePolicy, Policy } from '../../policy.ts';
import { type ClauseWords, compileClauseWords } from '../extract/product-clauses.ts';
import { compileProducts, findProduct, type ProductIndex, productsIn } from '../extract/products.ts';
import type { Statement } from './statement.ts';

export type Judged = {
  /** What the request is about; undefined when no product is named. */
  readonly product: string | undefined;
  readonly excluded: boolean;
  /** How a suite's app was found, if one was. */
  readonly reasons: readonly Reason[];
};

/** A suite is judged by the app that the subject or the description names. What an associate set is taken at its word. */
export function judgedBy(statement: Statement, policy: Policy): Judged {
  const field = statement.enquiry.fields.product;
  const isExcluded = excludedBy(policy);
  const asWritten = { product: field?.value, excluded: field !== undefined && isExcluded(field.value), reasons: [] };
  if (!field || field.by || !findProduct(indexOf(policy), field.value, 'field')?.suite) return asWritten;
  const apps = appsIn(statement, policy);
  const [left, kept] = [apps.filter(isExcluded), apps.filter((app) => !isExcluded(app))];
  const [app] = [...kept, ...left];
  if (app === undefined) return asWritten;
  const named = [...left.map((one) => `${one} (excluded)`), ...kept.map((one) => `${one} (eligible)`)].join(', ');
  const verdict =
    left.length > 0 && kept.length > 0
      ? 'one that is eligible is enough, so the request is'
      : `the suite is judged by ${apps.length === 1 ? 'the app' : 'the apps'} the request names`;
  const because = `${field.value}; named in the request: ${named}: ${verdict}`;
  return { product: app, excluded: kept.length === 0, reasons: [{ rule: 'services.suites', because }] };
}

/** Those that are not said to work. Where there is no description, the text is one. */
function appsIn({ subject, text, enquiry }: Statement, policy: Policy): string[] {
  const said = `${subject}.\n\n${enquiry.fields.description?.value ?? text}`;
  const about = productsIn({ ...indexOf(policy), clauses: clausesOf(policy) }, said);
  const apps = about.filter(({ suite, unaffected }) => !suite && !unaffected);
  return [...new Set(apps.map(({ name }) => name))];
}

/** The directory spells a service as it likes ("Campaigns", "zoho campaigns"): it is the same service. */
export function excludedBy(policy: Policy): (service: string) => boolean {
  const names = new Set(policy.services.excluded.map(({ name }) => name));
  return (service) => names.has(service) || names.has(findProduct(indexOf(policy), service, 'field')?.name ?? '');
}

const indexes = new WeakMap<object, ProductIndex>();
const clauses = new WeakMap<Readonly<Record<string, LanguagePolicy>>, ClauseWords>();

function indexOf({ services }: Policy): ProductIndex {
  const index = indexes.get(services) ?? compileProducts(services);
  indexes.set(services, index);
  return index;
}

function clausesOf({ labels: { languages } }: Policy): ClauseWords {
  const known = clauses.get(languages) ?? compileClauseWords(Object.values(languages));
  clauses.set(languages, known);
  return known;
}
