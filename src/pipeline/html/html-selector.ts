/** CSS selectors, right to left as browsers read them. What is not understood here matches nothing. */

export type Element = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly classes: readonly string[];
  readonly parent: Element | null;
  /** The element before it in the same parent. */
  readonly previous: Element | null;
  /** Counted from 1. */
  readonly index: number;
};

type Test = (element: Element) => boolean;
type Combinator = ' ' | '>' | '+' | '~';
/** `cost` is about how many single comparisons the test takes. */
type Step = { readonly test: Test; readonly cost: number; readonly combinator: Combinator };
export type Selector = {
  /** The last compound first; `combinator` says how the next one stands to it. */
  readonly steps: readonly Step[];
  /** `.class`, `#id`, `tag` or `*`: only elements that have it need be looked at. */
  readonly key: string;
  readonly weight: number;
};

const MAX_SELECTOR = 500;
const MAX_STEPS = 12;
/** Of `:not(:is(…))`. */
const MAX_NESTING = 2;
const ID = 1_000_000;
const CLASS = 1_000;

const IDENT = '(?:[\\w-]|[^\\0-\\x7f]|\\\\[^\\n])+';
const PART = new RegExp(
  `(\\*|${IDENT})|([.#])(${IDENT})|\\[\\s*(${IDENT})\\s*(?:([~|^$*]?=)\\s*("[^"]*"|'[^']*'|${IDENT})\\s*(?:[is]\\s*)?)?\\]|:(${IDENT})(\\()?`,
  'y',
);
const BETWEEN = /\s*([>+~])\s*|\s+/y;

/** @returns null for what is not understood, and for what a reader of mail does not see: `:hover`, `::before`. */
export function parseSelector(source: string, nesting = 0): Selector | null {
  const text = source.trim();
  if (text === '' || text.length > MAX_SELECTOR) return null;
  const steps: Step[] = [];
  let tests: Test[] = [];
  let key = '*';
  let weight = 0;
  let cost = 1;
  for (let at = 0; at < text.length; ) {
    PART.lastIndex = at;
    const part = PART.exec(text);
    if (part) {
      const [whole, tag, mark, name = '', attribute, operator, wanted, pseudo, open] = part;
      at += whole.length;
      if (tag !== undefined) {
        if (tests.length > 0) return null;
        const wantedTag = plain(tag).toLowerCase();
        tests.push((element) => wantedTag === '*' || element.name === wantedTag);
        key = wantedTag;
        weight += wantedTag === '*' ? 0 : 1;
      } else if (mark !== undefined) {
        const wantedName = plain(name);
        tests.push(mark === '.' ? (e) => e.classes.includes(wantedName) : (e) => e.attributes.id === wantedName);
        key = mark + wantedName;
        weight += mark === '.' ? CLASS : ID;
      } else if (attribute !== undefined) {
        tests.push(
          attributeTest(attribute.toLowerCase(), operator ?? '', plain((wanted ?? '').replace(/^["']|["']$/g, ''))),
        );
        weight += CLASS;
      } else {
        const end = open ? closing(text, at) : at;
        const test = end === -1 ? null : pseudoTest((pseudo ?? '').toLowerCase(), text.slice(at, end), nesting);
        if (test === null) return null;
        tests.push(test);
        cost += end - at;
        at = open ? end + 1 : end;
        weight += pseudo === 'where' ? 0 : CLASS;
      }
      continue;
    }
    BETWEEN.lastIndex = at;
    const between = BETWEEN.exec(text);
    if (!between || tests.length === 0 || steps.length >= MAX_STEPS) return null;
    steps.unshift({ test: every(tests), cost: cost + tests.length, combinator: (between[1] ?? ' ') as Combinator });
    tests = [];
    key = '*';
    cost = 1;
    at += between[0].length;
  }
  if (tests.length === 0) return null;
  // A combinator is written behind its left compound, and needed with its right one.
  const last = { test: every(tests), cost: cost + tests.length, combinator: ' ' as Combinator };
  const compounds = [last, ...steps];
  return {
    key,
    weight,
    steps: compounds.map((compound, index) => ({ ...compound, combinator: compounds[index + 1]?.combinator ?? ' ' })),
  };
}

/** `spend` is asked before every comparison, with its cost; where it says no, nothing matches any more. */
export function matches(steps: readonly Step[], element: Element, spend: (cost: number) => boolean, at = 0): boolean {
  const step = steps[at];
  if (!step || !spend(step.cost) || !step.test(element)) return false;
  if (at + 1 === steps.length) return true;
  const beside = step.combinator === '+' || step.combinator === '~';
  const once = step.combinator === '>' || step.combinator === '+';
  let other = beside ? element.previous : element.parent;
  while (other !== null) {
    if (matches(steps, other, spend, at + 1)) return true;
    if (once || !spend(1)) return false;
    other = beside ? other.previous : other.parent;
  }
  return false;
}

const plain = (name: string) => name.replace(/\\([\s\S])/g, '$1');

function every(tests: readonly Test[]): Test {
  const [only] = tests;
  return tests.length === 1 && only ? only : (element) => tests.every((test) => test(element));
}

function attributeTest(name: string, operator: string, wanted: string): Test {
  const compare: Readonly<Record<string, (value: string) => boolean>> = {
    '': () => true,
    '=': (value) => value === wanted,
    '~=': (value) => value.split(/\s+/).includes(wanted),
    '|=': (value) => value === wanted || value.startsWith(`${wanted}-`),
    '^=': (value) => wanted !== '' && value.startsWith(wanted),
    '$=': (value) => wanted !== '' && value.endsWith(wanted),
    '*=': (value) => wanted !== '' && value.includes(wanted),
  };
  const test = compare[operator] ?? (() => false);
  return ({ attributes }) => Object.hasOwn(attributes, name) && test(attributes[name] ?? '');
}

function pseudoTest(name: string, argument: string, nesting: number): Test | null {
  if (name === 'root') return (element) => element.name === 'html';
  if (name === 'link' || name === 'any-link') return ({ name: tag, attributes }) => tag === 'a' && 'href' in attributes;
  if (name === 'first-child') return (element) => element.index === 1;
  if (name === 'nth-child') return nthTest(argument.trim().toLowerCase());
  if (!/^(?:not|is|where|matches|-webkit-any|-moz-any)$/.test(name) || nesting >= MAX_NESTING) return null;
  const inner = argument.split(/,(?![^(]*\))/).map((source) => parseSelector(source, nesting + 1));
  const [first] = inner;
  // Lists of single compounds are what is written; a chain in here would need its own walk.
  if (!first || inner.some((selector) => selector?.steps.length !== 1)) return null;
  const any: Test = (element) => inner.some((selector) => selector?.steps[0]?.test(element));
  return name === 'not' ? (element) => !any(element) : any;
}

function nthTest(formula: string): Test | null {
  const spelled = formula === 'odd' ? '2n+1' : formula === 'even' ? '2n' : formula.replaceAll(' ', '');
  const found = /^(?:([-+]?\d{0,6})n)?([-+]?\d{1,6})?$/.exec(spelled);
  if (!found || spelled === '') return null;
  const written = found[1];
  const step = written === undefined ? 0 : /\d/.test(written) ? Number(written) : written === '-' ? -1 : 1;
  const offset = Number(found[2] ?? 0);
  return ({ index }) => {
    const rest = index - offset;
    return step === 0 ? rest === 0 : rest % step === 0 && rest / step >= 0;
  };
}

/** Where the bracket opened before `from` closes; -1 if nowhere. */
function closing(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return at;
  }
  return -1;
}
