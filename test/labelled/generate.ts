/** The generated part of the labelled set: every language times every layout, the same at every run. */
import type { FieldName } from '../../src/model.ts';
import type { LabelledCase } from './case.ts';
import { colon, type Frame, type Pair, SHAPES } from './layouts.ts';
import { readData, type Spellings, spellingsIn, type Writing } from './words.ts';

/** Of the labels so many are of the list of other spellings. */
const OTHER_SHARE = 0.45;

const LAYOUTS = [
  ...Object.keys(SHAPES),
  'several-lines',
  'hints',
  'placeholders',
  'any-order',
  'missing',
  'repeated',
  'two-requests',
  'mixed-languages',
  'tail',
];

const PRODUCTS: readonly (readonly [string, string])[] = [
  ['Zoho CRM', 'Zoho CRM'],
  ['zohocrm', 'Zoho CRM'],
  ['Desk', 'Zoho Desk'],
  ['Zoho Books', 'Zoho Books'],
  ['Sales IQ', 'Zoho SalesIQ'],
  ['Writer', 'Zoho Writer'],
  ['Zoho Writer add-ons', 'Zoho Writer add-ons'],
  ['Writer automation credits', 'Zoho Writer add-ons'],
  ['Campaigns', 'Zoho Campaigns'],
  ['Data Prep', 'Zoho DataPrep'],
  ['Page Sense', 'Zoho PageSense'],
  ['Marketing Hub', 'Zoho Marketing Automation'],
  ['Zoho People Plus', 'Zoho People Plus'],
  ['CRM Plus', 'Zoho CRM Plus'],
  ['Zoho One', 'Zoho One'],
  ['Work Drive', 'Zoho WorkDrive'],
  ['ZOHO Analytics', 'Zoho Analytics'],
  ['Zoho-Creator', 'Zoho Creator'],
];
const CUSTOMERS = [
  'norte-textil',
  'blue-harbour',
  'kagaku',
  'auto-west',
  'grano',
  'fjord-shop',
  'al-noor',
  'mekong-foods',
];
const PEOPLE = ['m.lopez', 'j-becker', 'aiko.sato', 'omar_said', 'nadia', 'p.novak', 'linh.tran', 'eva+zoho'];
const OWNERS = ['owner', 'it.admin', 'ceo', 'zoho-admin'];
const CHARSETS: Readonly<Record<string, readonly string[]>> = {
  en: ['windows-1252'],
  es: ['iso-8859-1'],
  pt: ['iso-8859-15'],
  de: ['windows-1252'],
  ar: ['windows-1256'],
  fr: ['iso-8859-15'],
  it: ['iso-8859-1'],
  nl: ['windows-1252'],
  ja: ['iso-2022-jp', 'shift_jis', 'euc-jp'],
  zh: ['gb18030', 'gbk'],
  th: ['windows-874'],
  ko: ['euc-kr'],
  tr: ['iso-8859-9'],
  ru: ['koi8-r', 'windows-1251'],
  pl: ['iso-8859-2'],
  sv: ['iso-8859-1'],
};
const ENCODINGS = ['8bit', 'quoted-printable', 'base64'] as const;
const PLACEHOLDERS = ['N/A', '-', '[customer email]', '…', '[ ]', '<email>'];

type Random = () => number;
type Filled = { field: FieldName; label: string; value: string; expected: string };

export function generate(): LabelledCase[] {
  const words = readData<Record<string, Writing>>('words.yaml');
  const labels = { seed: readData<Spellings>('seed-labels.yaml'), other: readData<Spellings>('other-spellings.yaml') };
  const languages = Object.keys(words);
  return languages.flatMap((language, at) =>
    LAYOUTS.map((layout, index) => {
      const random = mulberry32(at * 1_000 + index + 17);
      const own = words[language] as Writing;
      const other = words[languages[(at + 3) % languages.length] as string] as Writing;
      const otherSpelling: FieldName[] = [];
      const pickLabel = (field: FieldName): string => {
        const others = spellingsIn(labels.other, language, field);
        if (others.length > 0 && random() < OTHER_SHARE) {
          if (!otherSpelling.includes(field)) otherSpelling.push(field);
          return pick(others, random);
        }
        return pick([...spellingsIn(labels.seed, language, field), ...(others.length === 0 ? [field] : [])], random);
      };
      return build({
        language,
        layout,
        own,
        written: layout === 'mixed-languages' ? other : own,
        variant: at + index,
        random,
        pickLabel,
        otherSpelling,
      });
    }),
  );
}

type Plan = {
  language: string;
  layout: string;
  own: Writing;
  written: Writing;
  variant: number;
  random: Random;
  pickLabel: (field: FieldName) => string;
  otherSpelling: FieldName[];
};

function build(plan: Plan): LabelledCase {
  const { language, layout, own, written, variant, random } = plan;
  let filled = fill(plan, layout === 'several-lines');
  if (layout === 'any-order') filled = shuffled(filled, random);
  if (layout === 'missing') filled = shuffled(filled, random).slice(0, 3);
  const expected = new Map(filled.map((entry) => [entry.field, entry.expected]));
  const raw = new Map(filled.map((entry) => [entry.field, entry.value]));
  if (layout === 'placeholders') {
    const emptied = filled
      .filter(({ field }) => field !== 'customerEmail' || variant % 2 === 0)
      .filter((_, index) => index % 3 === variant % 3);
    for (const entry of emptied) {
      entry.value = pick(PLACEHOLDERS, random);
      expected.delete(entry.field);
      raw.delete(entry.field);
    }
  }
  const pairs: Pair[] =
    layout === 'hints' ? filled.map((entry, index) => withHint(entry, own, index + variant)) : [...filled];
  if (layout === 'repeated')
    pairs.push(
      ...filled
        .filter(({ field }) => field === 'customerEmail' || field === 'product')
        .map((entry) => ({ ...entry, label: plan.pickLabel(entry.field) })),
    );
  if (layout === 'two-requests') {
    const second = fill(plan, false);
    pairs.push(
      ...second.map((entry, index) =>
        index === 0 ? { ...entry, label: `${variant % 2 ? `\n${own.second}\n\n` : '\n'}${entry.label}` } : entry,
      ),
    );
  }
  const frame: Frame = { hello: written.hello, tail: tailOf(plan, written) };
  const shape = SHAPES[layout] ?? (layout === 'tail' || variant % 2 ? colon : (SHAPES.below as typeof colon));
  const body = layout === 'two-requests' || layout === 'hints' ? colon(pairs, frame, 0) : shape(pairs, frame, variant);
  const charset = variant % 2 ? pick(CHARSETS[language] ?? ['utf-8'], random) : 'utf-8';
  return {
    id: `${language}-${layout}`,
    language,
    layout,
    subject: ['', 'Ticket', 'Support request'][variant % 3] ?? '',
    ...body,
    charset,
    encoding: pick(ENCODINGS, random),
    expect: Object.fromEntries(expected),
    raw: Object.fromEntries(raw),
    otherSpelling: plan.otherSpelling.filter((field) => expected.has(field)),
    second: layout === 'two-requests',
  };
}

function fill({ written, random, pickLabel }: Plan, severalLines: boolean): Filled[] {
  const customer = pick(CUSTOMERS, random);
  const [spelling, product] = pick(PRODUCTS, random);
  const answer = random() < 0.6 ? 'yes' : 'no';
  const description = severalLines ? written.lines.join('\n') : pick(written.descriptions, random);
  const tried = severalLines ? written.tried.join('\n') : pick(written.tried, random);
  const values: [FieldName, string, string?][] = [
    ['customerEmail', `${pick(PEOPLE, random)}@${customer}.example`],
    ['superadminEmail', `${pick(OWNERS, random)}@${customer}.example`],
    ['requestType', pick(written.types, random)],
    ['reproducible', pick(written[answer], random), answer],
    ['product', spelling, product],
    ['description', description],
    ['troubleshooting', tried],
    ['zuid', digits(9, random)],
    ['zoid', digits(8 + Math.floor(random() * 4), random)],
  ];
  return values
    .filter(([field]) => (field !== 'zuid' && field !== 'zoid') || random() < 0.6)
    .map(([field, value, expected]) => ({ field, label: pickLabel(field), value, expected: expected ?? value }));
}

/** The hint in brackets behind the label, before the value, or on the line above it. */
function withHint({ field, label, value }: Filled, own: Writing, turn: number): Pair {
  const hint = own.hint[field];
  if (!hint) return { label, value };
  const bare = hint.replace(/^[(（]|[)）]$/g, '');
  if (turn % 3 === 0) return { label: `${label} (${bare})`, value };
  return turn % 3 === 1 ? { label, value: `${hint}\n${value}` } : { label, value: `(${bare}) ${value}` };
}

const SIGNATURE = 'Sam Okoye\nSenior Consultant, Reseller Ltd.\nTel. +44 20 7946 0958 | sam.okoye@reseller.example';

/** What stands below the last value; in the layout `tail` right below it. */
function tailOf({ layout, own, variant, random }: Plan, written: Writing): string {
  const closing = pick(written.closing, random);
  const disclaimer = `\n${written.disclaimer}`;
  const history = `${own.wrote}\n> Customer email address: older@history.example\n> Zoho product name: Zoho Cliq\n> ZOID: 11112222\n`;
  if (layout === 'tail') {
    return [
      `${closing}\n${SIGNATURE}\n`,
      `-- \n${SIGNATURE}\n${disclaimer}`,
      `${disclaimer}\n`,
      `${closing}\n${SIGNATURE}\n\n${history}`,
      history,
    ][variant % 5] as string;
  }
  return `\n${closing}\n${SIGNATURE}\n${variant % 3 === 0 ? disclaimer : ''}${variant % 4 === 1 ? `\n${history}` : ''}`;
}

function pick<T>(values: readonly T[], random: Random): T {
  return values[Math.floor(random() * values.length)] as T;
}

function shuffled<T>(values: readonly T[], random: Random): T[] {
  return values
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

function digits(count: number, random: Random): string {
  return Array.from({ length: count }, (_, index) =>
    String(index === 0 ? 1 + Math.floor(random() * 9) : Math.floor(random() * 10)),
  ).join('');
}

/** A small seeded generator of numbers from 0 to 1. */
function mulberry32(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
