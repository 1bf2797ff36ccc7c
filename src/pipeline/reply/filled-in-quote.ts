/** A partner who answers inside our quoted question fills in its lines there, behind the ">" of the mail program. */
import type { Enquiry, FieldName, ParsedMail } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import { extract } from '../extract/extract.ts';

/** Our question is no longer, in UTF-16 units; what is quoted below it is older. */
const QUESTION_LENGTH = 8_000;
const QUOTED = /^[ \t\u00a0]{0,8}[>|][\s>|\u00a0]*(?:[-*•]\s+)?(.*)$/;

/**
 * The fields of our quoted question that were empty when we sent it and have a value now.
 * @param blank the fields that it asked for: what it repeated of the partner's own words is no answer
 */
export function filledInQuote(mail: ParsedMail, blank: ReadonlySet<FieldName>, policy: Policy): Enquiry['fields'] {
  if (mail.quoted === '' || blank.size === 0) return {};
  const lines = mail.quoted.slice(0, QUESTION_LENGTH).split('\n');
  const text = lines.flatMap((line) => QUOTED.exec(line)?.[1] ?? []).join('\n');
  const { fields } = extract({ ...mail, subject: '', parts: { text, html: '' }, text, quoted: '' }, policy);
  const given = Object.entries(fields).filter(
    ([name, { source }]) => source.label !== null && blank.has(name as FieldName),
  );
  return Object.fromEntries(given.map(([name, value]) => [name, { ...value, source: sourceIn(mail, value) }]));
}

/** The place of a value in the mail's own part, not in what it was read from. */
function sourceIn(
  mail: ParsedMail,
  { value, source }: { value: string; source: { label: string | null; language: string | null } },
) {
  const { label, language } = source;
  const part = mail.parts.text.toLowerCase().includes(value.toLowerCase()) ? 'text' : 'html';
  const start = Math.max(0, mail.parts[part].toLowerCase().lastIndexOf(value.toLowerCase()));
  return { part, start, end: start + value.length, label, language } as const;
}
