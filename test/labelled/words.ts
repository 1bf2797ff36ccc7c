/** The data files of the labelled set. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import type { FieldName } from '../../src/model.ts';

export type Writing = {
  readonly hello: string;
  readonly closing: readonly string[];
  readonly wrote: string;
  readonly disclaimer: string;
  readonly descriptions: readonly string[];
  readonly lines: readonly string[];
  readonly tried: readonly string[];
  readonly types: readonly string[];
  readonly yes: readonly string[];
  readonly no: readonly string[];
  readonly hint: Readonly<Partial<Record<FieldName, string>>>;
  readonly second: string;
};
export type Spellings = Readonly<Record<string, Readonly<Partial<Record<FieldName, string>>>>>;

export function readData<T>(name: string): T {
  return load(readFileSync(join(import.meta.dirname, name), 'utf8')) as T;
}

/** A list as the files write it: "one | two". */
export function spellingsIn(labels: Spellings, language: string, field: FieldName): string[] {
  return labels[language]?.[field]?.split(' | ') ?? [];
}
