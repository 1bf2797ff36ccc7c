/** Replies given to the separation as its tests give them: nothing of them may be lost on the way. */
import { expect } from 'vitest';
import { layOut } from '../../src/pipeline/separate/layout.ts';
import { readingOf } from '../../src/pipeline/words/reading.ts';
import { loadPolicy } from '../../src/policy.ts';

const reading = readingOf(loadPolicy(new URL('../../policy', import.meta.url).pathname));
const words = (text: string) =>
  text
    .split(/[\s>]+/)
    .filter(Boolean)
    .sort();

/** The new text of a plain reply of Sam's. */
export const fromText = (text: string, subject = 'Re: Request'): string =>
  fromRachel(text, subject, 'sam@partner.example', '');

/** The new text of a plain reply of Rachel's, whose name is known. */
export function fromRachel(
  text: string,
  subject = 'Re: Request',
  sender = 'rachel@northwind-it.example',
  name = 'Rachel Boyd',
): string {
  const result = layOut({ text, html: '' }, subject, reading, sender, name).text();
  expect(words(`${result.text}\n${result.quoted}`)).toEqual(words(text));
  return result.text;
}

/** The new text of an HTML reply of Sam's. */
export const fromHtml = (html: string, subject = 'Re: Request'): string =>
  layOut({ text: '', html }, subject, reading, 'sam@partner.example').html().text;
