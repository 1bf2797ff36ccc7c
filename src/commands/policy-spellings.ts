/** The spellings of cases.yaml: what partners write, and the product it is, so that services.yaml is held to its words. */
import { z } from 'zod';
import { compileProducts, findProduct } from '../pipeline/extract/products.ts';
import type { Policy } from '../policy.ts';

const words = z.array(z.string().min(1));

export const spellingsSchema = z.strictObject({
  /** By product: what stands in the product field, every word of it a part of the name. */
  field: z.record(z.string(), words),
  /** By product: sentences that name it; under "none" those that name none. */
  prose: z.record(z.string(), words),
});
type Spellings = z.infer<typeof spellingsSchema>;

const NONE = 'none';

/** A line for each spelling that is read as another product, or none. */
export function spellingFailures(spellings: Spellings, services: Policy['services']): string[] {
  const index = compileProducts(services);
  return (['field', 'prose'] as const).flatMap((where) =>
    Object.entries(spellings[where]).flatMap(([product, written]) =>
      written.flatMap((text) => {
        const found = findProduct(index, text, where);
        const name = found?.name ?? NONE;
        if (name !== product) return [`"${text}" in the ${where} is ${name}, expected ${product}`];
        const read = found && text.slice(found.start, found.end);
        return where === 'prose' || read === text ? [] : [`"${text}" in the field is read as "${read}" only`];
      }),
    ),
  );
}
