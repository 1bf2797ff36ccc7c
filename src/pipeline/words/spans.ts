/** Which of many spans of words touch, hold or stand near another, in time that does not grow with their number. */

/** Word indexes, end exclusive. */
export type Span = { readonly start: number; readonly end: number };

export type Spans = {
  /** Whether one of them shares a word with the span. */
  readonly touch: (span: Span) => boolean;
  /** Whether one of them has all its words. */
  readonly hold: (span: Span) => boolean;
};

/** Built once for a text, in proportion to its spans and words. */
export function spansOf(spans: readonly Span[], length: number): Spans {
  // For each word the furthest end of the spans that begin at it or before it.
  const furthest = new Int32Array(length + 1);
  for (const { start, end } of spans) furthest[start] = Math.max(furthest[start] ?? 0, end);
  for (let index = 1; index <= length; index++) {
    furthest[index] = Math.max(furthest[index] ?? 0, furthest[index - 1] ?? 0);
  }
  return {
    touch: ({ start, end }) => end > 0 && (furthest[end - 1] ?? 0) > start,
    hold: ({ start, end }) => (furthest[start] ?? 0) >= end,
  };
}

/** Words between two spans; none when they touch. */
export const distance = (one: Span, other: Span): number =>
  one.start < other.end && other.start < one.end ? 0 : Math.max(one.start - other.end, other.start - one.end);

/** The spans nearest to one on either side of its beginning, as a look-up by bisection. */
export function nearestOf<T extends Span>(spans: readonly T[]): (span: Span) => T[] {
  const sorted = spans.toSorted((one, other) => one.start - other.start);
  // Up to each: the one that reaches furthest.
  const reaching: T[] = [];
  for (const span of sorted) {
    const before = reaching.at(-1);
    reaching.push(before && before.end > span.end ? before : span);
  }
  return ({ start }) => {
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((sorted[middle] as T).start <= start) from = middle + 1;
      else to = middle;
    }
    return [reaching[from - 1], sorted[from]].filter((span) => span !== undefined);
  };
}
