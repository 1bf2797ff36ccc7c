/** Which of the policy's phrases a mail says, in the language it is written in, and which of them it denies ("no data was lost"). */
import type { Policy } from '../../policy.ts';
import type { ImpactWords } from '../../policy-languages.ts';
import { fold } from '../words/fold.ts';
import { compileDetector, type Detector, detectLanguage } from '../words/language.ts';
import { compilePattern, isPlain, type Pattern } from '../words/patterns.ts';
import { spansOf } from '../words/spans.ts';
import { foldWithMarks, hasMarks, markedWord } from '../words/tones.ts';
import { readStatement, type Said, type Statement } from './statement.ts';

export type Table = 'S1' | 'S2' | 'S3' | 'weekends' | `nature ${string}` | keyof ImpactWords;
/** A phrase of a table, heard: token indexes (end exclusive), and the mail's own words. */
export type Hit = { readonly table: Table; readonly start: number; readonly end: number; readonly said: string };
export type Heard = {
  readonly said: Said;
  /** What was said and not denied. */
  readonly of: (table: Table) => readonly Hit[];
  /** What was said only to say that it is not so. */
  readonly denied: readonly Hit[];
};

/** A negation speaks of what follows within so many words of the same clause. */
const NEGATION_REACH = 3;
const NEXT_WORD = 1;
/** Of these the reverse can be said. */
const DENIABLE = new Set<Table>([
  'S1',
  'S2',
  'weekends',
  'everyone',
  'fails',
  'lost',
  'shouting',
  'unaffected',
  'nature product-limitation',
]);

type Entry = { readonly table: Table; readonly pattern: Pattern };
type Index = {
  readonly whole: ReadonlyMap<string, readonly Entry[]>;
  readonly open: ReadonlyMap<string, readonly Entry[]>;
  readonly lengths: readonly number[];
};
type Ears = {
  /** What of the policy they were made of. */
  readonly of: readonly object[];
  readonly detector: Detector;
  readonly byLanguage: Map<string, Index>;
  plain: Index | null;
};
/** By the policy's signals: another policy with the same words hears with the same ears. */
const ears = new WeakMap<object, Ears>();
const heardBefore = new WeakMap<Statement, { policy: Policy; heard: Heard }>();

/** Linear in the length of the mail. */
export function hear(statement: Statement, policy: Policy): Heard {
  const before = heardBefore.get(statement);
  if (before?.policy === policy) return before.heard;
  const said = readStatement(statement, policy);
  const known = earsOf(policy);
  const heard = hearLanguages(said, languagesOf(statement, known), known, policy);
  heardBefore.set(statement, { policy, heard });
  return heard;
}

function earsOf({ labels, severity, commitment }: Policy): Ears {
  const of = [labels.languages, severity.signals, severity.natures, commitment.weekendSignals];
  const before = ears.get(severity.signals);
  if (before?.of.every((part, index) => part === of[index])) return before;
  const made = { of, detector: compileDetector(labels.languages), byLanguage: new Map(), plain: null };
  ears.set(severity.signals, made);
  return made;
}

/** What it is written in, and what the enquiry is in: a template in one language may be filled in in another. */
function languagesOf({ subject, text, enquiry }: Statement, { detector }: Ears): string[] {
  const written = enquiry.language ?? 'en';
  const detected = detectLanguage(`${enquiry.fields.description?.value ?? ''}\n${text}\n${subject}`, detector, written);
  return [...new Set([detected, written])];
}

function hearLanguages(said: Said, languages: readonly string[], known: Ears, policy: Policy): Heard {
  const hits = languages.flatMap((code) => {
    const heardAs = policy.labels.languages[code]?.marksMatter ? withMarks(said) : said;
    const foldWith = heardAs === said ? fold : foldWithMarks;
    const key = heardAs === said ? code : `${code} with marks`;
    const index = known.byLanguage.get(key) ?? indexOf(entriesOf(code, policy, foldWith));
    known.byLanguage.set(key, index);
    return separate(find(heardAs, index), heardAs);
  });
  const signals = hits.filter(({ hit }) => isSignal(hit.table));
  // A language taken for another, or words of a third: whole phrases say the same wherever they stand.
  if (signals.length === 0) {
    known.plain ??= indexOf(
      Object.keys(policy.labels.languages).flatMap((code) =>
        entriesOf(code, policy, fold, (table, phrase) => isSignal(table) && isPlain(phrase)),
      ),
    );
    hits.push(...find(said, known.plain).map((hit) => ({ hit, denied: false })));
  }
  const tables = Map.groupBy(
    hits.filter(({ denied }) => !denied).map(({ hit }) => hit),
    ({ table }) => table,
  );
  return {
    said,
    of: (table) => tables.get(table) ?? [],
    denied: hits.filter(({ denied, hit }) => denied && ['S1', 'S2'].includes(hit.table)).map(({ hit }) => hit),
  };
}

/** The same words with their marks, where the writer types them; else the words as they are. */
function withMarks(said: Said): Said {
  if (!hasMarks(said.tokens, said.original)) return said;
  let folded = '';
  const tokens = said.tokens.map((token) => {
    const marked = { ...token, text: markedWord(token, said.original), at: folded.length };
    folded += `${marked.text} `;
    return marked;
  });
  return { ...said, tokens, folded };
}

const isSignal = (table: Table): boolean =>
  /^(?:S\d|weekends|nature )/.test(table) || table === 'fails' || table === 'lost';

function entriesOf(
  code: string,
  policy: Policy,
  foldWith = fold,
  counts: (table: Table, phrase: string) => boolean = () => true,
): Entry[] {
  const language = Object.hasOwn(policy.labels.languages, code) ? policy.labels.languages[code] : undefined;
  if (!language) return [];
  const { signals, natures } = policy.severity;
  const tables: [Table, readonly string[] | undefined][] = [
    ...(['S1', 'S2', 'S3'] as const).map((name): [Table, string[] | undefined] => [name, signals[name][code]]),
    ...Object.entries(natures).map(([name, words]): [Table, string[] | undefined] => [`nature ${name}`, words[code]]),
    ['weekends', policy.commitment.weekendSignals[code]],
    ...(Object.entries(language.impact ?? {}) as [keyof ImpactWords, string[]][]),
  ];
  // "All users can log in" denies, "all users can not log in" does not.
  const negations = (language.impact.negates ?? []).map(foldWith).filter((word) => word !== '' && !word.includes(' '));
  return tables.flatMap(([table, phrases]) =>
    (phrases ?? []).flatMap((phrase): Entry[] => {
      if (!counts(table, phrase)) return [];
      const pattern = compilePattern(phrase, table === 'denies' || table === 'over' ? negations : [], foldWith);
      return pattern ? [{ table, pattern }] : [];
    }),
  );
}

function indexOf(entries: readonly Entry[]): Index {
  const whole = new Map<string, Entry[]>();
  const open = new Map<string, Entry[]>();
  for (const entry of entries) {
    for (const opening of entry.pattern.openings) {
      const map = opening.open ? open : whole;
      const list = map.get(opening.text) ?? [];
      if (!list.includes(entry)) list.push(entry);
      map.set(opening.text, list);
    }
  }
  return { whole, open, lengths: [...new Set([...open.keys()].map((text) => text.length))] };
}

function find({ tokens, folded, original }: Said, { whole, open, lengths }: Index): Hit[] {
  const hits: Hit[] = [];
  const ends = new Map(tokens.map((token, index) => [token.at, index]));
  ends.set(folded.length, tokens.length);
  tokens.forEach((token, start) => {
    const entries = new Set(whole.get(token.text));
    for (const length of lengths) for (const one of open.get(token.text.slice(0, length)) ?? []) entries.add(one);
    for (const { table, pattern } of entries) {
      pattern.matcher.lastIndex = token.at;
      const match = pattern.matcher.exec(folded);
      const end = match ? ends.get(token.at + match[0].length) : undefined;
      if (end === undefined || end === start) continue;
      hits.push({ table, start, end, said: original.slice(token.start, tokens[end - 1]?.end) });
    }
  });
  return hits;
}

/**
 * Which hits stand within a denial or behind a negation. A phrase that has its own negation ("nobody can") is not turned round
 * by one. Linear in the text and the hits.
 */
function separate(hits: readonly Hit[], said: Said): { hit: Hit; denied: boolean }[] {
  const { tokens } = said;
  const of = (table: Table) => hits.filter((hit) => hit.table === table);
  const denials = spansOf(of('denies'), tokens.length);
  const negated = marksOf(of('negates'), tokens.length);
  const negatedAfter = marksOf(of('negatesAfter'), tokens.length);
  const isOver = pastOf(of('over'), said);
  // "Not all users", but "does not work for all users".
  const reachOf = ({ table }: Hit): number =>
    (table === 'everyone' ? NEXT_WORD : NEGATION_REACH) * (said.unspaced ? 2 : 1);
  const isStop = (index: number): boolean => ['.', ','].includes(tokens[index]?.text ?? '.');
  const isDenied = (hit: Hit): boolean => {
    if (!DENIABLE.has(hit.table)) return false;
    // "Nobody is blocked" is a denial, and says by itself that work goes on.
    const saysItself = hit.table === 'unaffected';
    if (!saysItself && isOver(hit)) return true;
    // "None of the users can log in" has a negation of its own, outside of "users can log in".
    let [first, last] = [hit.end, hit.start - 1];
    for (let index = hit.start; index < hit.end; index++) {
      if (negated[index]) [first, last] = [Math.min(first, index), index];
    }
    const own = first <= last;
    if (!saysItself && (own ? denials.hold({ start: first, end: last + 1 }) : denials.touch(hit))) return true;
    const reach = reachOf(hit);
    for (let index = hit.end; index < hit.end + reach && !isStop(index); index++) {
      if (negatedAfter[index]) return true;
    }
    if (own) return false;
    for (let index = hit.start - 1; index >= hit.start - reach && !isStop(index); index--) {
      if (negated[index]) return true;
    }
    return false;
  };
  return hits.map((hit) => ({ hit, denied: isDenied(hit) }));
}

/** The words that stand in one of the hits. */
function marksOf(hits: readonly Hit[], length: number): Uint8Array {
  const marks = new Uint8Array(length);
  for (const { start, end } of hits) marks.fill(1, start, end);
  return marks;
}

/** "Works again" says of what stands before it, in its sentence or the one before, that it is over. */
function pastOf(overs: readonly Hit[], { tokens }: Said): (hit: Hit) => boolean {
  if (overs.length === 0) return () => false;
  const sentence = new Int32Array(tokens.length + 1);
  tokens.forEach(({ text }, index) => {
    sentence[index + 1] = (sentence[index] ?? 0) + (text === '.' ? 1 : 0);
  });
  // For each word the earliest beginning of those that end behind it.
  const next = new Int32Array(tokens.length + 1).fill(tokens.length + 1);
  for (const { start, end } of overs) next[end] = Math.min(next[end] ?? 0, start);
  for (let index = tokens.length - 1; index >= 0; index--)
    next[index] = Math.min(next[index] ?? 0, next[index + 1] ?? 0);
  return ({ start }) => {
    const over = next[start + 1] ?? tokens.length + 1;
    return over <= tokens.length && (sentence[over] ?? 0) - (sentence[start] ?? 0) <= 1;
  };
}
