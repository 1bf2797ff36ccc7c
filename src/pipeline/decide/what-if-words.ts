/** Suppositions on the words of a mail. Which of them count is found by deciding: each sentence by itself, then its fewest words that decide the same. */
import { type Decision, type FieldName, Severity } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import { sentencesOf } from '../words/sentences.ts';
import { type ClassifyInput, classify } from './classify.ts';
import type { Supposition } from './what-if.ts';
import { byImpactAlone } from './what-if-account.ts';

/** Sentences and lines that are looked at: who says nothing in so many speaks of something else. */
const MOST_SENTENCES = 80;
/** Sentences whose deciding words are looked for. */
const MOST_SPEAKING = 8;
/** Words that decide together; with more of them the whole sentence is named. */
const MOST_WORDS = 7;
/** Of a longer sentence only so many words are tried: a line of data is none. */
const MOST_TRIED = 60;
/** So often it is listened again to what is left when the words that were heard are taken away. */
const MOST_ROUNDS = 6;

/** Fields whose text is what the partner said. */
const SAID: readonly FieldName[] = ['description', 'troubleshooting', 'reproducible'];

/** Words that have a say of their own in severity, nature or clock. */
export type Speaking = { readonly words: string; readonly says: string };

/** Each deciding piece of text left out; the request type left out; the answer to "reproducible?" turned round. */
export function wordSuppositions(input: ClassifyInput, policy: Policy): Supposition[] {
  const speaking = speakingWords(input, policy);
  const groups = Map.groupBy(speaking, ({ says }) => says);
  const singles = speaking.map(({ words }) => [words]);
  // Said twice, neither counts alone: all that say the same are left out together as well.
  const together = [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) => group.map(({ words }) => words));
  const sets = [...singles, ...together];
  const moves = movesOf(input, policy);
  const whole = sets.some(moves) ? [] : fewestOf(decidingWords(input, policy, speaking), moves);
  return [
    ...[...sets, ...(whole.length > 0 ? [whole] : [])].map((words) => ({
      supposing: `without the words ${words.map((one) => `"${one}"`).join(' and ')}`,
      input: without(input, words),
    })),
    ...fieldSuppositions(input),
    ...(speaking.length === 0 ? signalSuppositions(input, policy) : []),
  ];
}

/** Whether the mail without these words is of another severity or nature. */
function movesOf(input: ClassifyInput, policy: Policy): (words: readonly string[]) => boolean {
  const before = classify(input, policy);
  return (words) => {
    const after = classify(without(input, words), policy);
    return after.severity !== before.severity || after.requestNature !== before.requestNature;
  };
}

/** Of words that together move the decision, those that are needed for it; none when they do not move it. */
function fewestOf(words: readonly string[], moves: (words: readonly string[]) => boolean): string[] {
  if (!moves(words)) return [];
  return words.reduce<string[]>(
    (needed, word) => {
      const others = needed.filter((one) => one !== word);
      return moves(others) ? others : needed;
    },
    [...words],
  );
}

/**
 * All words that lead where the decision went. Where two signals stand in one sentence the second is heard only when the first
 * is gone: so what is left is listened to again, until the decision moves or nothing speaks for it any more.
 * @param heard the words that speak in the mail as it is.
 */
export function decidingWords(input: ClassifyInput, policy: Policy, heard: readonly Speaking[]): string[] {
  const { severity, priorityCustomer } = classify(input, policy);
  const words: string[] = [];
  let speaking = heard;
  const moves = movesOf(input, policy);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const like = speaking.filter(({ says }) => says.includes(JSON.stringify(severity)));
    const next = (like.length > 0 ? like : speaking).map((one) => one.words).filter((one) => isSaid(input, one));
    words.push(...next.filter((one) => !words.includes(one)));
    // A large account is S1 whatever its words say.
    if (next.length === 0 || priorityCustomer || moves(words)) break;
    speaking = speakingWords(without(input, words), policy);
  }
  return words;
}

/** Whether it stands in the mail as it is: what only the gaps of a cut text bring together nobody said. */
const isSaid = ({ mail, enquiry }: ClassifyInput, words: string): boolean =>
  [mail.subject, mail.text, ...SAID.map((field) => enquiry.fields[field]?.value ?? '')].some((text) =>
    text.includes(words),
  );

/** Of a mail whose words say nothing: what words would, one of the policy's own for each severity. */
function signalSuppositions(input: ClassifyInput, policy: Policy): Supposition[] {
  const language = policy.labels.languages[input.enquiry.language];
  return Severity.options.flatMap((severity) => {
    const [words] = language?.severities[severity] ?? [];
    if (words === undefined) return [];
    // Who says more says it where the rest is said: in the description, when there is one.
    const { description } = input.enquiry.fields;
    const longer = description && { ...description, value: `${description.value}\n${words}` };
    const mail = { ...input.mail, text: `${input.mail.text}\n${words}` };
    return [
      { supposing: `if it said "${words}"`, input: fields({ ...input, mail }, longer ? { description: longer } : {}) },
    ];
  });
}

function fieldSuppositions(input: ClassifyInput): Supposition[] {
  const { requestType: type, reproducible } = input.enquiry.fields;
  const turned = reproducible && { ...reproducible, value: reproducible.value === 'yes' ? 'no' : 'yes' };
  return [
    ...(type
      ? [{ supposing: `without the request type "${type.value}"`, input: dropping(input, ['requestType']) }]
      : []),
    ...(turned
      ? [{ supposing: `if "reproducible" were ${turned.value}`, input: fields(input, { reproducible: turned }) }]
      : []),
  ];
}

/** The pieces of text that by themselves lead elsewhere than no text at all, and where to. */
export function speakingWords(input: ClassifyInput, policy: Policy): Speaking[] {
  const alone = byImpactAlone({ ...input, mail: { ...input.mail, kind: 'request' } });
  const says = (text: string): string => outcome(classify(saying(alone, text), policy));
  const silence = says('');
  const found = new Map<string, Speaking>();
  const speaking = piecesOf(input)
    .map((piece) => ({ piece, says: says(piece) }))
    .filter((one) => one.says !== silence)
    .slice(0, MOST_SPEAKING);
  for (const one of speaking) {
    const words = fewestWords(one.piece, (text) => says(text) === one.says);
    found.set(words, { words, says: one.says });
  }
  return [...found.values()];
}

/** What the words of a mail can change. */
const outcome = ({ severity, requestNature, slaApplies, workingTime }: Decision): string =>
  JSON.stringify([severity, requestNature, slaApplies, workingTime]);

/** Sentences of all that was said, each once. */
function piecesOf({ mail, enquiry }: ClassifyInput): string[] {
  const texts = [mail.subject, ...SAID.map((field) => enquiry.fields[field]?.value ?? ''), mail.text];
  const pieces = texts
    .flatMap((text) => text.split(/\n+/))
    .flatMap((line) => [...sentencesOf(line)].map(({ start, end }) => line.slice(start, end).trim()));
  return [...new Set(pieces)].filter((piece) => piece !== '').slice(0, MOST_SENTENCES);
}

/** The shortest run of words for which `holds` is still true; the whole piece when none is short enough. */
function fewestWords(piece: string, holds: (text: string) => boolean): string {
  const words = [...new Intl.Segmenter(undefined, { granularity: 'word' }).segment(piece)].filter(
    (one) => one.isWordLike,
  );
  const most = Math.min(words.length, MOST_TRIED);
  for (let length = 1; length <= MOST_WORDS; length++) {
    for (let from = 0; from + length <= most; from++) {
      const last = words[from + length - 1];
      const run = piece.slice(words[from]?.index, (last?.index ?? 0) + (last?.segment.length ?? 0));
      if (holds(run)) return run;
    }
  }
  return piece;
}

/** The mail as if it said this and nothing else. */
const saying = (input: ClassifyInput, text: string): ClassifyInput =>
  dropping({ ...input, mail: { ...input.mail, subject: '', text } }, SAID);

/** The mail as if these fields were not filled in. */
export const dropping = (input: ClassifyInput, names: readonly FieldName[]): ClassifyInput => ({
  ...input,
  enquiry: {
    ...input.enquiry,
    fields: Object.fromEntries(
      Object.entries(input.enquiry.fields).filter(([name]) => !names.includes(name as FieldName)),
    ),
  },
});

/** The mail without these words, wherever they stand. */
export function without(input: ClassifyInput, words: readonly string[]): ClassifyInput {
  const cut = (text: string): string => words.reduce((rest, one) => rest.replaceAll(one, ''), text);
  const changed = SAID.flatMap((name) => {
    const field = input.enquiry.fields[name];
    return field && name !== 'reproducible' ? [[name, { ...field, value: cut(field.value) }]] : [];
  });
  const mail = { ...input.mail, subject: cut(input.mail.subject), text: cut(input.mail.text) };
  return fields({ ...input, mail }, Object.fromEntries(changed));
}

const fields = (input: ClassifyInput, changed: ClassifyInput['enquiry']['fields']): ClassifyInput => ({
  ...input,
  enquiry: { ...input.enquiry, fields: { ...input.enquiry.fields, ...changed } },
});
