/** What a mail says of a security breach or a risk of data loss: heard as its severity is, so that "no data was lost" is none. Pure. */
import type { Enquiry } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import { weigh } from '../decide/evidence.ts';
import { hear } from '../decide/hearing.ts';
import { foldWords } from '../words/fold.ts';
import { compilePattern } from '../words/patterns.ts';

/** What takes a word back; and what can be lost, and that it is. */
const DENIALS = ['denies', 'over', 'negates', 'negatesAfter'] as const;
const LOSSES = ['data', 'lost', ...DENIALS] as const;
/** Where nothing was extracted. */
const NOTHING: Enquiry = { language: 'en', template: false, fields: {} };

/** A wish is a letter: what an attached log says further down is no reason. */
const MAX_CHARACTERS = 8_000;

type Ears = { readonly losses: Policy; readonly risks: readonly RiskEars[] };
/** One language's risks, and what one of them begins with: most mails have none of a language's, and need not be heard for it. */
type RiskEars = { readonly language: string; readonly openings: readonly string[]; readonly policy: Policy };
const derived = new WeakMap<Policy['escalation'], Ears>();

/**
 * The mail's own words for the first risk it states; null when it states none. The policy's phrases are looked for in every
 * language, each with its own denials; what any language takes back is no risk. Words for data that are lost count in the
 * language the mail is written in.
 */
export function riskIn(
  { subject, text, enquiry = NOTHING }: { subject: string; text: string; enquiry?: Enquiry | undefined },
  policy: Policy,
): string | null {
  const ears = derived.get(policy.escalation) ?? earsOf(policy);
  derived.set(policy.escalation, ears);
  // The description stands in the text as well: it is no second statement.
  const letter = text.slice(0, MAX_CHARACTERS);
  const statement = { subject, text: letter, enquiry: { ...enquiry, fields: {} } };
  const stated: { at: number; said: string }[] = [];
  const denied = new Set<number>();
  const words = ` ${foldWords(`${subject}\n${letter}`)
    .map((word) => word.text)
    .join(' ')} `;
  for (const { language, openings, policy: own } of ears.risks) {
    if (!openings.some((opening) => words.includes(opening))) continue;
    const heard = hear({ ...statement, enquiry: { ...statement.enquiry, language } }, own);
    const at = ({ start }: { start: number }): number => heard.said.tokens[start]?.start ?? 0;
    stated.push(...heard.of('S1').map((hit) => ({ at: at(hit), said: hit.said })));
    for (const hit of heard.denied) denied.add(at(hit));
  }
  const [risk] = stated.filter((one) => !denied.has(one.at)).toSorted((a, b) => a.at - b.at);
  if (risk) return risk.said;
  if (denied.size > 0) return null;
  return weigh(hear(statement, ears.losses), NOTHING, ears.losses).words.S1[0] ?? null;
}

function earsOf(policy: Policy): Ears {
  const { risks } = policy.escalation;
  return {
    losses: only(policy, LOSSES, {}, Object.keys(policy.labels.languages)),
    risks: Object.keys(risks).map((language) => ({
      language,
      openings: (risks[language] ?? []).flatMap(openingsOf),
      policy: only(policy, DENIALS, { [language]: risks[language] ?? [] }, [language]),
    })),
  };
}

/** As it stands among words with a space on either side. */
const openingsOf = (phrase: string): string[] =>
  (compilePattern(phrase)?.openings ?? []).map(({ text, open }) => (open ? ` ${text}` : ` ${text} `));

/** The policy in which these tables of these languages are all that is listened for, with `S1` as its only signals. */
function only(
  policy: Policy,
  tables: typeof LOSSES | typeof DENIALS,
  S1: Record<string, string[]>,
  codes: string[],
): Policy {
  const languages = Object.entries(policy.labels.languages).filter(([code]) => codes.includes(code));
  const heard = languages.map(([code, language]) => {
    const kept = Object.fromEntries(tables.flatMap((table) => pair(table, language.impact[table])));
    const denies = [...(language.impact.denies ?? []), ...(policy.escalation.notRisks[code] ?? [])];
    return [code, { ...language, impact: { ...kept, denies } }] as const;
  });
  return {
    ...policy,
    labels: { ...policy.labels, languages: Object.fromEntries(heard) },
    severity: {
      ...policy.severity,
      signals: { S1, S2: {}, S3: {} },
      natures: {} as Policy['severity']['natures'],
    },
    commitment: { ...policy.commitment, weekendSignals: {} },
  };
}

const pair = (table: string, words: string[] | undefined): [string, string[]][] => (words ? [[table, words]] : []);
