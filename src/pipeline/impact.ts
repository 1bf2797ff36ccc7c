/** What a mail's words say about its nature and its severity: a first set of signals, each naming the words that decided. */
import type { Enquiry, Reason, RequestNature, Severity } from '../model.ts';
import type { Policy } from '../policy.ts';
import { fold } from './fold.ts';

/** Enough for what is said; an attached log of megabytes is no statement of impact. */
const MAX_CHARACTERS = 20_000;
/** Decides on deadlines, whatever decided on the severity. */
export const WEEKEND_RULE = 'commitment.weekendSignals';

export type Statement = { readonly subject: string; readonly text: string; readonly enquiry: Enquiry };
export type Nature = {
  readonly nature: RequestNature;
  readonly type: string | null;
  readonly reasons: readonly Reason[];
};
export type Impact = {
  readonly severity: Severity;
  readonly weekendsCount: boolean;
  readonly reasons: readonly Reason[];
};

type Signals = Readonly<Record<string, readonly string[]>> | undefined;
type Phrase = { readonly said: string; readonly folded: string; readonly order: number };
type Phrases = { readonly all: readonly Phrase[]; readonly byFirstWord: ReadonlyMap<string, readonly Phrase[]> };

/** Thousands of phrases, but a mail has a few hundred words: each list is folded once, and found by its first word. */
const foldedBefore = new WeakMap<object, Phrases>();

function foldOnce(owner: object, list: () => readonly string[]): Phrases {
  const known = foldedBefore.get(owner);
  if (known) return known;
  const all = list().map((said, order) => ({ said, folded: ` ${fold(said)} `, order }));
  const phrases = { all, byFirstWord: Map.groupBy(all, ({ folded }) => folded.split(' ', 2)[1] ?? '') };
  foldedBefore.set(owner, phrases);
  return phrases;
}

/** The template's hints, the longest first: "Yes or No" is a part of another. */
const hintsOf = ({ labels }: Policy): Phrases =>
  foldOnce(labels, () =>
    Object.values(labels.languages)
      .flatMap((language) => language.hints)
      .sort((one, other) => other.length - one.length),
  );

/** What the partner said, folded: the template's own hints left in a mail ("… Payments Renewal, Trial Extension …") are none of it. */
function haystack({ subject, text, enquiry }: Statement, policy: Policy): string {
  const said = fold(`${subject}\n${enquiry.fields.description?.value ?? ''}\n${text}`.slice(0, MAX_CHARACTERS));
  return hintsOf(policy).all.reduce((rest, hint) => rest.replaceAll(hint.folded, ' | '), ` ${said} `);
}

/** The phrase that stands in the text as whole words; of several the one the policy names first. */
function firstPhrase(text: string, signals: Signals): string | undefined {
  if (!signals) return undefined;
  const { byFirstWord } = foldOnce(signals, () => Object.values(signals).flat());
  let first: Phrase | undefined;
  for (const word of new Set(text.split(' '))) {
    for (const phrase of byFirstWord.get(word) ?? []) {
      if ((!first || phrase.order < first.order) && text.includes(phrase.folded)) first = phrase;
    }
  }
  return first?.said;
}

/** The nature of a request: by its type when the template names one, else by its words. */
export function natureOf(statement: Statement, policy: Policy): Nature {
  const text = haystack(statement, policy);
  const typed = statement.enquiry.fields.requestType?.value;
  if (typed) {
    const folded = ` ${fold(typed)} `;
    const type = policy.severity.requestTypes.find(({ words }) =>
      foldOnce(words, () => words).all.some((word) => folded.includes(word.folded)),
    );
    // "Technical support" says little: the words may still show a how-to or a feature request.
    if (type && type.nature !== 'incident') {
      return {
        nature: type.nature,
        type: type.name,
        reasons: [{ rule: 'severity.requestTypes', because: `request type "${typed}" is ${type.name}` }],
      };
    }
  }
  for (const [nature, signals] of Object.entries(policy.severity.natures) as [
    RequestNature,
    Record<string, string[]>,
  ][]) {
    const phrase = firstPhrase(text, signals);
    if (phrase)
      return {
        nature,
        type: null,
        reasons: [{ rule: `severity.natures.${nature}`, because: `the mail says "${phrase}"` }],
      };
  }
  return {
    nature: 'incident',
    type: null,
    reasons: [{ rule: 'severity.natures', because: 'no words speak for another nature than incident' }],
  };
}

/** The severity by impact: the most severe one that has a signal. */
export function impactOf(statement: Statement, nature: RequestNature, policy: Policy): Impact {
  const text = haystack(statement, policy);
  const weekendPhrase = firstPhrase(text, policy.commitment.weekendSignals);
  const weekend: Reason[] = weekendPhrase
    ? [{ rule: WEEKEND_RULE, because: `weekends count: the mail says "${weekendPhrase}"` }]
    : [];
  for (const severity of ['S1', 'S2', 'S3'] as const) {
    const phrase = firstPhrase(text, policy.severity.signals[severity]);
    if (phrase) {
      return {
        severity,
        weekendsCount: weekendPhrase !== undefined,
        reasons: [{ rule: `severity.signals.${severity}`, because: `the mail says "${phrase}"` }, ...weekend],
      };
    }
  }
  const severity = nature === 'how-to' ? 'S3' : policy.severity.default;
  const because = nature === 'how-to' ? 'a how-to question' : 'no signal of impact was found';
  return {
    severity,
    weekendsCount: weekendPhrase !== undefined,
    reasons: [{ rule: 'severity.default', because }, ...weekend],
  };
}
