/** An explanation in plain words, for the command line. */
import type { Decision, ParsedMail } from '../model.ts';
import { type Change, DEADLINES } from '../pipeline/decide/changes.ts';
import type { DecidingRule, Explanation, RunnerUp } from '../pipeline/decide/explain.ts';
import type { WhatIf } from '../pipeline/decide/what-if.ts';

/** A policy value longer than this is cut: the file has the rest. */
const VALUE_CHARACTERS = 60;

/** The whole explanation, with its parts indented below the file's name. */
export function explanationText(
  file: string,
  mail: Pick<ParsedMail, 'subject'>,
  { decision, rules, runnerUp, whatIfs }: Explanation,
): string {
  return [
    `${file}: ${mail.subject}`,
    `  decided ${inWords(decision)} (policy ${decision.policy})`,
    '',
    '  by these rules, in this order',
    ...rules.map((rule, index) => `  ${String(index + 1).padStart(3)}. ${ruleText(rule)}`),
    '',
    '  the runner-up',
    `    ${runnerUp ? runnerUpText(runnerUp, decision) : noRunnerUp(decision)}`,
    '',
    '  what would change it',
    ...(whatIfs.length > 0 ? whatIfs.map((one) => `    ${whatIfText(one)}`) : ['    nothing that was tried']),
    '',
  ].join('\n');
}

function inWords({ severity, priorityCustomer, provisional, requestNature, reply }: Decision): string {
  return [
    severity ?? 'no severity',
    ...(priorityCustomer ? ['priority customer'] : []),
    ...(provisional ? ['provisional'] : []),
    requestNature,
    reply ? `reply ${reply}` : 'no reply',
  ].join(', ');
}

function ruleText({ rule, because, source }: DecidingRule): string {
  const value = source.value === null ? '' : `: ${cut(source.value)}`;
  return `${because}  [${rule}; ${source.from}${source.path === null ? '' : ` ${source.path}`}${value}]`;
}

function runnerUpText(
  { by, severity, priorityCustomer, requestNature, because }: RunnerUp,
  decision: Decision,
): string {
  const said = because.map((reason) => reason.because).join('; ');
  const what = [severity ?? 'no severity', ...(priorityCustomer ? ['priority customer'] : []), requestNature].join(
    ', ',
  );
  const same = severity === decision.severity && requestNature === decision.requestNature;
  const would = same ? 'it would still be' : 'it would be';
  return `${same ? 'the same severity for another reason: ' : ''}${by} ${would} ${what}${said === '' ? '' : ` because ${said}`}`;
}

/** Of the default nothing is behind; where words decided together, none of them alone, there is something that was not found. */
const noRunnerUp = ({ reasons }: Decision): string =>
  reasons.some(({ rule }) => rule === 'severity.default')
    ? 'none: no other rule has anything to say of this mail'
    : 'not found: no words decide this mail by themselves';

const whatIfText = ({ supposing, changes, tags }: WhatIf): string =>
  `${either(supposing)}: ${[...changes.map(changeText), ...(tags.length > 0 ? [`tags ${tags.join(' ')}`] : [])].join(', ')}`;

/** "if the region were anz (…) or mea (…)": what they share is said once. */
function either(supposing: readonly string[]): string {
  const [first = '', ...others] = supposing;
  const words = first.split(' ');
  let shared = 0;
  while (shared < words.length && others.every((one) => one.split(' ')[shared] === words[shared])) shared += 1;
  return [first, ...others.map((one) => one.split(' ').slice(shared).join(' '))].join(' or ');
}

/** Truth values in words: "not large" says more than "priorityCustomer true -> false". */
const FLAGS: Readonly<Record<string, readonly [yes: string, no: string]>> = {
  priorityCustomer: ['large account', 'not a large account'],
  provisional: ['provisional', 'no longer provisional'],
  slaApplies: ['the commitment applies', 'exempt from the commitment'],
  escalationOffered: ['escalation offered', 'escalation not offered'],
};

function changeText({ what, from, to }: Change): string {
  const flag = FLAGS[what];
  if (flag && (to === 'true' || to === 'false')) return flag[to === 'true' ? 0 : 1];
  if (DEADLINES.includes(what)) return `${what} by ${committed(from)} -> ${committed(to)}`;
  return `${what} ${from} -> ${to}`;
}

/** Of "target/commitment" the commitment, to the minute. */
const committed = (due: string): string =>
  due
    .split('/')[1]
    ?.replace(/:\d\d\.\d+Z$/, ' UTC')
    .replace('T', ' ') ?? due;

const cut = (text: string): string => (text.length > VALUE_CHARACTERS ? `${text.slice(0, VALUE_CHARACTERS)}…` : text);
