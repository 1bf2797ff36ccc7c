/** What may stand between the name of an id and its digits: "ZOID of the customer is …", not "ZOID: see invoice …". */
import type { LabelField, LanguagePolicy } from '../../policy.ts';
import { foldWords } from '../words/fold.ts';
import { type FoundId, findId } from './ids.ts';

/** The words that labels of ids and of addresses are made of, and those for "is", folded. */
export type IdWords = ReadonlySet<string>;

/** Names of ids, and of whom they belong to. */
const NAMING: readonly LabelField[] = [
  'zuid',
  'zoid',
  'zgid',
  'serviceOrganisationId',
  'customerEmail',
  'superadminEmail',
];
/** Behind a sentence or a comma with words something else is spoken of. */
const ENDS = /[.;!?]\s|[。！？；؟؛]|@|[,，、،]\s{0,2}\p{L}/u;

export function compileIdWords(languages: Readonly<Record<string, LanguagePolicy>>): IdWords {
  const phrases = Object.values(languages).flatMap(({ labels, copulas }) => [
    ...NAMING.flatMap((field) => labels[field] ?? []),
    ...copulas,
  ]);
  return new Set(phrases.flatMap((phrase) => foldWords(phrase).map(({ text }) => text)));
}

/** "ZUID'i", "ZOID-en": an ending of the name. */
const ENDING = /^['’-]\p{L}{1,4}(?!\p{L})/u;

/** The first id in `text.slice(from, to)`, in the same sentence and clause. */
export function findIdInSentence(text: string, from: number, to: number): FoundId | null {
  const found = findId(text, from, to);
  return found && !ENDS.test(text.slice(from, found.start)) ? found : null;
}

/** The id in `text.slice(from, to)`, when nothing stands before it that speaks of another number: a telephone's, an invoice's, a date. */
export function findNamedId(text: string, words: IdWords, from = 0, to = text.length): FoundId | null {
  const behind = from + (ENDING.exec(text.slice(from, from + 6))?.[0].length ?? 0);
  const found = findId(text, behind, to);
  if (!found || ENDS.test(text.slice(behind, found.start))) return null;
  return foldWords(text, behind, found.start).every((word) => words.has(word.text)) ? found : null;
}
