/** Whether a mail asks to escalate: by its words, whatever type of request the template names. */
import type { Policy } from '../../policy.ts';
import { type Hit, hear } from './hearing.ts';
import type { Statement } from './statement.ts';

/** "We do not want to escalate": a negation so many words before the wish takes it back; further off it speaks of something else. */
const NEGATION_REACH = 2;
/** Words quoted in the reason. */
const QUOTED = 3;
/** Words in quotation marks are somebody else's, or a name: 'the button "Escalate this"'. */
const IN_QUOTES = /"[^"\n]{1,200}"|“[^“”\n]{1,200}”|„[^„“”\n]{1,200}[“”]|«[^«»\n]{1,200}»|「[^「」\n]{1,200}」/g;

/** What the mail says to that end, as a reason has it; null when it says nothing, says that it is not so, or only quotes it. */
export function escalationWish({ subject, text, enquiry }: Statement, policy: Policy): string | null {
  // The new text has all that the writer says; a description may have been read from history, where somebody said it before.
  const { description: _, ...fields } = enquiry.fields;
  const heard = hear({ subject, text, enquiry: { ...enquiry, fields } }, policy);
  const { tokens, original, unspaced } = heard.said;
  const reach = NEGATION_REACH * (unspaced ? 2 : 1);
  const isStop = (index: number): boolean => ['.', ','].includes(tokens[index]?.text ?? '.');
  const negatedFrom = new Set(heard.of('negates').map(({ end }) => end - 1));
  const negatedTo = new Set(heard.of('negatesAfter').map(({ start }) => start));
  const isNegated = ({ start, end }: Hit): boolean => {
    for (let index = start - 1; index >= start - reach && !isStop(index); index--)
      if (negatedFrom.has(index)) return true;
    for (let index = end; index < end + reach && !isStop(index); index++) if (negatedTo.has(index)) return true;
    return false;
  };
  const quotes = [...original.matchAll(IN_QUOTES)].map(
    (match) => [match.index, match.index + match[0].length] as const,
  );
  const isQuoted = ({ start, end }: Hit): boolean =>
    quotes.some(([from, to]) => from <= (tokens[start]?.start ?? 0) && (tokens[end - 1]?.end ?? 0) <= to);
  const hits = heard.of('nature escalation');
  const denied = hits.filter((hit) => isNegated(hit) || isQuoted(hit));
  // "Not yet want to escalate" holds "to escalate" as well, with its negation further off.
  const said = hits.filter((hit) => !denied.some(({ start, end }) => hit.start < end && start < hit.end));
  if (said.length === 0) return null;
  const words = [...new Set(said.map((hit) => `"${hit.said.replace(/\s+/g, ' ').trim()}"`))];
  return `the mail says ${words.slice(0, QUOTED).join(', ')}`;
}
