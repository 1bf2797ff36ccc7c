/** Which of the policy's phrases a mail says, in the language it is written in, and which of them it denies ("no data was lost"). */
import type { Policy } from '../policy.ts';
import type { ImpactWords } from '../policy-languages.ts';
import { fold } from './fold.ts';
import { compileDetector, type Detector, detectLanguage } from './language.ts';
import { compilePattern, isPlain, type Pattern } from './patterns.ts';
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
const DENIABLE = new Set<Table>(['S1', 'S2', 'weekends', 'everyone', 'fails', 'lost', 'shouting', 'unaffected']);

type Entry = { readonly table: Table; readonly pattern: Pattern };
type Index = {
  readonly whole: ReadonlyMap<string, readonly Entry[]>;
  readonly open: ReadonlyMap<string, readonly Entry[]>;
  readonly lengths: readonly number[];
};
type Ears = { readonly detector: Detector; readonly byLanguage: Map<string, Index>; plain: Index | null };
const ears = new WeakMap<Policy, Ears>();
const heardBefore = new WeakMap<Statement, { policy: Policy; heard: Heard }>();

/** Linear in the length of the mail. */
export function hear(statement: Statement, policy: Policy): Heard {
  const before = heardBefore.get(statement);
  if (before?.policy === policy) return before.heard;
  const said = readStatement(statement, policy);
  const known = ears.get(policy) ?? {
    detector: compileDetector(policy.labels.languages),
    byLanguage: new Map(),
    plain: null,
  };
  ears.set(policy, known);
  const heard = hearLanguages(said, languagesOf(statement, known), known, policy);
  heardBefore.set(statement, { policy, heard });
  return heard;
}

/** What it is written in, and what the enquiry is in: a template in one language may be filled in in another. */
function languagesOf({ subject, text, enquiry }: Statement, { detector }: Ears): string[] {
  const written = enquiry.language ?? 'en';
  const detected = detectLanguage(`${enquiry.fields.description?.value ?? ''}\n${text}\n${subject}`, detector, written);
  return [...new Set([detected, written])];
}

function hearLanguages(said: Said, languages: readonly string[], known: Ears, policy: Policy): Heard {
  const hits = languages.flatMap((code) => {
    const index = known.byLanguage.get(code) ?? indexOf(entriesOf(code, policy));
    known.byLanguage.set(code, index);
    return separate(find(said, index), said);
  });
  const signals = hits.filter(({ hit }) => isSignal(hit.table));
  // A language taken for another, or words of a third: whole phrases say the same wherever they stand.
  if (signals.length === 0) {
    known.plain ??= indexOf(
      Object.keys(policy.labels.languages).flatMap((code) =>
        entriesOf(code, policy).filter(({ table, pattern }) => isSignal(table) && isPlain(pattern.said)),
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

const isSignal = (table: Table): boolean =>
  /^(?:S\d|weekends|nature )/.test(table) || table === 'fails' || table === 'lost';

function entriesOf(code: string, policy: Policy): Entry[] {
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
  const negations = (language.impact.negates ?? []).map(fold).filter((word) => word !== '' && !word.includes(' '));
  return tables.flatMap(([table, phrases]) =>
    (phrases ?? []).flatMap((phrase): Entry[] => {
      const pattern = compilePattern(phrase, table === 'denies' || table === 'over' ? negations : []);
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

/** Which hits stand within a denial or behind a negation. A phrase that has its own negation ("nobody can") is not turned round by one. */
function separate(hits: readonly Hit[], said: Said): { hit: Hit; denied: boolean }[] {
  const denials = hits.filter(({ table }) => table === 'denies');
  const negations = hits.filter(({ table }) => table === 'negates');
  const negating = new Set(negations.flatMap(({ start, end }) => range(start, end)));
  // "Not all users", but "does not work for all users".
  const reachOf = ({ table }: Hit): number =>
    (table === 'everyone' ? NEXT_WORD : NEGATION_REACH) * (said.unspaced ? 2 : 1);
  const overs = hits.filter(({ table }) => table === 'over');
  const isDenied = (hit: Hit): boolean => {
    if (!DENIABLE.has(hit.table)) return false;
    if (overs.some((over) => hit.start < over.end && sentencesBetween(said, hit.start, over.start) <= 1)) return true;
    // "None of the users can log in" has a negation of its own, outside of "users can log in".
    const own = range(hit.start, hit.end).filter((index) => negating.has(index));
    const denies = ({ start, end }: Hit) =>
      start < hit.end && end > hit.start && own.every((index) => index >= start && index < end);
    if (denials.some(denies)) return true;
    if (own.length > 0) return false;
    for (let index = hit.start - 1; index >= 0 && index >= hit.start - reachOf(hit); index--) {
      if (['.', ','].includes(said.tokens[index]?.text ?? '.')) return false;
      if (negating.has(index)) return true;
    }
    return false;
  };
  return hits.map((hit) => ({ hit, denied: isDenied(hit) }));
}

const sentencesBetween = ({ tokens }: Said, from: number, to: number): number =>
  tokens.slice(from, to).filter(({ text }) => text === '.').length;

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);
