/** What a mail's words say about its nature and its severity, each decision naming the words that made it. */
import type { Reason, RequestNature, Severity } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import { fold } from '../words/fold.ts';
import { type Evidence, weigh } from './evidence.ts';
import { type Heard, type Hit, hear } from './hearing.ts';
import { shoutingOf } from './shouting.ts';
import type { Statement } from './statement.ts';

export type { Statement } from './statement.ts';

/** Decides on deadlines, whatever decided on the severity. */
export const WEEKEND_RULE = 'commitment.weekendSignals';
/** Words quoted in a reason. */
const QUOTED = 3;
/** Phrases of a nature that count at most: a long question is no surer one than a short. */
const MOST_SAID = 2;

export type Nature = {
  readonly nature: RequestNature;
  readonly type: string | null;
  /** What the policy's severity.yaml says of the nature, and of what is out of scope. */
  readonly tags: readonly string[];
  readonly reasons: readonly Reason[];
};
export type Impact = {
  readonly severity: Severity;
  readonly weekendsCount: boolean;
  readonly reasons: readonly Reason[];
};

const quote = (words: readonly string[]): string =>
  words
    .slice(0, QUOTED)
    .map((word) => `"${word.replace(/\s+/g, ' ').trim()}"`)
    .join(', ');

/** The nature of a request: by its type when the template names one, else by its words. */
export function natureOf(statement: Statement, policy: Policy): Nature {
  const heard = hear(statement, policy);
  const found = typeOf(statement, policy) ?? natureByWords(statement, heard, policy);
  const scope = heard.of('outOfScope')[0];
  return {
    ...found,
    tags: [...(policy.severity.tags[found.nature] ?? []), ...(scope ? policy.severity.outOfScopeTags : [])],
    reasons: [
      ...found.reasons,
      ...(scope ? [{ rule: 'severity.outOfScope', because: `out of scope: ${quote([scope.said])}` }] : []),
    ],
  };
}

type Found = Omit<Nature, 'tags'>;

/** "Technical support" says little: the words may still show a how-to or a feature request. */
function typeOf(statement: Statement, policy: Policy): Found | null {
  const typed = statement.enquiry.fields.requestType?.value;
  if (!typed) return null;
  const folded = ` ${fold(typed)} `;
  const type = policy.severity.requestTypes.find(({ words }) =>
    words.some((word) => folded.includes(` ${fold(word)} `)),
  );
  if (!type || type.nature === 'incident') return null;
  const because = `request type "${typed}" is ${type.name}`;
  return { nature: type.nature, type: type.name, reasons: [{ rule: 'severity.requestTypes', because }] };
}

function natureByWords(statement: Statement, heard: Heard, policy: Policy): Found {
  const evidence = weigh(heard, statement.enquiry, policy);
  for (const nature of Object.keys(policy.severity.natures) as RequestNature[]) {
    const hits = heard.of(`nature ${nature}`).filter((hit) => nature !== 'feedback' || !isClosing(hit, heard));
    if (hits.length === 0 || !outweighs(nature, hits.length, statement, heard, evidence, policy)) continue;
    const because = `the mail says ${quote(hits.map(({ said }) => said))}`;
    return { nature, type: null, reasons: [{ rule: `severity.natures.${nature}`, because }] };
  }
  // In a template the questions may be its own, in words nobody listed.
  if (
    !statement.enquiry.template &&
    heard.said.asks &&
    evidence.S1 + evidence.S2 === 0 &&
    evidence.unaffected === null
  ) {
    const because = 'the mail asks a question and tells of nothing that fails';
    return { nature: 'how-to', type: null, reasons: [{ rule: 'severity.natures.how-to', because }] };
  }
  const because = 'no words speak for another nature than incident';
  return { nature: 'incident', type: null, reasons: [{ rule: 'severity.natures', because }] };
}

/** The thanks that a mail ends with, whatever it is about. */
function isClosing({ end }: Hit, { said: { tokens } }: Heard): boolean {
  const isStop = ({ text }: { text: string }) => text === '.';
  const text = tokens.findIndex((token) => !isStop(token));
  return !tokens.slice(end).some(isStop) && tokens.slice(Math.max(text, 0), end).some(isStop);
}

/** "How can we solve this? Nobody can log in" is no how-to question, and thanks at the end of a report no feedback. */
function outweighs(
  nature: RequestNature,
  hits: number,
  { enquiry }: Statement,
  { said: { asks } }: Heard,
  evidence: Evidence,
  { severity: { weights } }: Policy,
): boolean {
  if (nature === 'escalation' || nature === 'product-limitation') return true;
  // What was reproduced is a fault, whatever else is said of it.
  const seen = enquiry.fields.reproducible?.value === 'yes' ? weights.reproduced : 0;
  const failure = evidence.S1 + evidence.S2 + seen;
  if (nature === 'feature-request') return evidence.S1 <= weights.S1From;
  // "From the menu you can": no question.
  if (nature === 'how-to' && hits === 1 && !asks && evidence.unaffected !== null) return false;
  const said = weights.sure * Math.min(MOST_SAID, hits);
  if (nature === 'non-technical') return evidence.S1 < weights.S1From && said > failure;
  // "How do I hide a column? And all our data is gone": the more severe is taken.
  if (nature === 'how-to' && evidence.S1 >= weights.S1From) return false;
  const asked = asks ? weights.likely : 0;
  return said + (nature === 'how-to' ? asked : 0) > failure + (nature === 'feedback' ? weights.likely : 0);
}

/** The severity by impact; where words speak for two, the more severe. */
export function impactOf(statement: Statement, nature: RequestNature, policy: Policy): Impact {
  const heard = hear(statement, policy);
  const evidence = weigh(heard, statement.enquiry, policy);
  const weekend = heard.of('weekends')[0];
  const { severity, reasons } = decide(evidence, nature, policy);
  return {
    severity,
    weekendsCount: weekend !== undefined,
    reasons: [
      ...reasons,
      ...asides(statement, heard, evidence, severity),
      ...shoutingOf(statement, heard),
      ...(weekend ? [{ rule: WEEKEND_RULE, because: `weekends count: the mail says ${quote([weekend.said])}` }] : []),
    ],
  };
}

/** The partner's own words that decided on a severity by impact; none when nothing spoke for any. */
export function decidingWords(statement: Statement, severity: Severity, policy: Policy): readonly string[] {
  const { words, unaffected } = weigh(hear(statement, policy), statement.enquiry, policy);
  return severity === 'S3' && unaffected !== null ? [unaffected] : words[severity];
}

function decide(evidence: Evidence, nature: RequestNature, policy: Policy): { severity: Severity; reasons: Reason[] } {
  const { weights, minor } = policy.severity;
  const says = (severity: Severity): Reason[] => [
    { rule: `severity.signals.${severity}`, because: `the mail says ${quote(evidence.words[severity])}` },
  ];
  const isMinor = minor.includes(nature);
  const S1 = evidence.S1 >= weights.S1From + (isMinor ? weights.likely : 0);
  const S2 = evidence.S2 >= weights.S2From && !isMinor;
  if (S1) return { severity: 'S1', reasons: [...says('S1'), ...conflict(evidence, 'S1', S2 ? ['S2', 'S3'] : ['S3'])] };
  if (S2) return { severity: 'S2', reasons: [...says('S2'), ...conflict(evidence, 'S2', ['S3'])] };
  if (evidence.unaffected !== null) {
    const because = `work goes on all the same: the mail says ${quote([evidence.unaffected])}`;
    return { severity: 'S3', reasons: [{ rule: 'severity.unaffected', because }] };
  }
  if (evidence.words.S3.length > 0) return { severity: 'S3', reasons: says('S3') };
  if (isMinor) return { severity: 'S3', reasons: [{ rule: 'severity.minor', because: `${nature} is S3` }] };
  const because = 'no signal of impact was found';
  return { severity: policy.severity.default, reasons: [{ rule: 'severity.default', because }] };
}

/** Words for a lesser severity besides: which speak for which, and that the more severe is taken. */
function conflict({ words }: Evidence, taken: 'S1' | 'S2', lesser: readonly ('S2' | 'S3')[]): Reason[] {
  const others = lesser.flatMap((severity) => {
    const other = words[severity].filter((word) => !words[taken].some((one) => one.includes(word)));
    return other.length > 0 ? [`${quote(other)} for ${severity}`] : [];
  });
  if (others.length === 0) return [];
  const because = `${quote(words[taken])} speak for ${taken}, ${others.join(', ')}: the more severe is taken`;
  return [{ rule: 'severity.conflict', because }];
}

/** What had a say, or might have had one. */
function asides(statement: Statement, heard: Heard, { affected, S1, S2 }: Evidence, severity: Severity): Reason[] {
  const reproducible = statement.enquiry.fields.reproducible?.value;
  const denied = quote([...new Set(heard.denied.map(({ said }) => said))]);
  const who = affected?.who === 'many' ? 'all or many users are affected' : 'one or few users are affected';
  return [
    ...(affected && S1 + S2 > 0 ? [{ rule: 'severity.affected', because: `${who}: ${quote([affected.said])}` }] : []),
    ...(denied === '' ? [] : [{ rule: 'severity.denied', because: `said not to be so, not counted: ${denied}` }]),
    ...(severity !== 'S1' && S2 > 0 && (reproducible === 'yes' || reproducible === 'no')
      ? [{ rule: 'severity.reproducible', because: `reproducible: ${reproducible}` }]
      : []),
  ];
}
