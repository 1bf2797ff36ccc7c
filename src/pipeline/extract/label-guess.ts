/** The field a label that is in no list most likely means: by the pieces of words it shares with the labels that are, in any language. */
import type { LabelField } from '../../policy.ts';
import { foldWords } from '../words/fold.ts';
import type { Label, LabelIndex } from './label-index.ts';

export type Guess = Label & {
  /** 0 to 1: how much of the label is known from labels of the field. */
  readonly likeness: number;
};

export type GuessIndex = {
  readonly labels: readonly Label[];
  /** Piece -> the labels that have it, with its share of each. */
  readonly postings: ReadonlyMap<string, readonly { readonly label: number; readonly weight: number }[]>;
  readonly rarity: ReadonlyMap<string, number>;
  readonly unknown: number;
};

/** A label has no more characters, and so many pieces are looked at. */
const LONGEST_HEAD = 120;
const MOST_PIECES = 160;
const ID_NAME = /z[uog]id/g;

const compiled = new WeakMap<LabelIndex, GuessIndex>();

/** The labels of an index by their pieces; worked out once per index. */
export function guessIndexOf(index: LabelIndex): GuessIndex {
  const known = compiled.get(index) ?? compile([...new Set([...index.exact.values()].flat())]);
  compiled.set(index, known);
  return known;
}

function compile(all: readonly Label[]): GuessIndex {
  const labels = [...new Map(all.map((label) => [`${label.field} ${label.language} ${label.label}`, label])).values()];
  const pieces = labels.map((label) => piecesOf(label.label));
  const counts = new Map<string, number>();
  for (const list of pieces) for (const piece of new Set(list)) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  const rarity = new Map([...counts].map(([piece, count]) => [piece, Math.log(1 + labels.length / count)]));
  const postings = new Map<string, { label: number; weight: number }[]>();
  pieces.forEach((list, label) => {
    const vector = weigh(list, rarity, 0);
    for (const [piece, weight] of vector) {
      const posting = postings.get(piece) ?? [];
      posting.push({ label, weight });
      postings.set(piece, posting);
    }
  });
  return { labels, postings, rarity, unknown: Math.log(1 + labels.length) };
}

/** The best guess of each field, likeliest first. Ids are told apart by their names alone. */
export function guessLabel(index: GuessIndex, head: string): Guess[] {
  if (head.length > LONGEST_HEAD) return [];
  const pieces = piecesOf(head).slice(0, MOST_PIECES);
  const likeness = new Map<number, number>();
  for (const [piece, weight] of weigh(pieces, index.rarity, index.unknown)) {
    for (const posting of index.postings.get(piece) ?? []) {
      likeness.set(posting.label, (likeness.get(posting.label) ?? 0) + weight * posting.weight);
    }
  }
  const best = new Map<LabelField, Guess>();
  const field = idField(head);
  for (const [at, value] of likeness) {
    const label = index.labels[at];
    if (!label || (field ?? label.field) !== label.field || (!field && isId(label.field))) continue;
    if (value > (best.get(label.field)?.likeness ?? 0)) best.set(label.field, { ...label, likeness: value });
  }
  return [...best.values()].sort((a, b) => b.likeness - a.likeness);
}

function isId(field: LabelField): boolean {
  return field === 'zuid' || field === 'zoid' || field === 'zgid' || field === 'serviceOrganisationId';
}

/** "ZUID of the user" is a zuid whatever surrounds it; "ZOID or ZGID" is either. */
function idField(head: string): LabelField | null {
  const names = new Set(head.toLowerCase().match(ID_NAME) ?? []);
  const [only] = names;
  if (names.size > 1) return 'serviceOrganisationId';
  return only === 'zuid' || only === 'zoid' || only === 'zgid' ? only : null;
}

/** Unit vector of the pieces. */
function weigh(pieces: readonly string[], rarity: ReadonlyMap<string, number>, unknown: number): Map<string, number> {
  const weights = new Map<string, number>();
  let squares = 0;
  for (const piece of pieces) {
    if (weights.has(piece)) continue;
    const weight = rarity.get(piece) ?? unknown;
    weights.set(piece, weight);
    squares += weight * weight;
  }
  const norm = Math.max(Math.sqrt(squares), 1e-9);
  for (const [piece, weight] of weights) weights.set(piece, weight / norm);
  return weights;
}

/** Words, and three letters at a time of them, so that endings, compounds and slips count little; for scripts without spaces, characters and pairs. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let before = '';
  for (const { text: word } of foldWords(text.slice(0, LONGEST_HEAD))) {
    if ([...word].length <= 2) {
      pieces.push(word);
      if (before !== '') pieces.push(before + word);
      before = word;
      continue;
    }
    before = '';
    const padded = `^${word}$`;
    for (let at = 0; at + 3 <= padded.length; at++) pieces.push(padded.slice(at, at + 3));
  }
  return pieces;
}
