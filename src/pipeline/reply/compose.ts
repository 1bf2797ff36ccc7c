/** The reply to a partner: template, policy and what was understood -> subject, text and HTML. Every value is a stranger's. */
import { IntakeError } from '../../errors.ts';
import type { FieldName, LookupKey, MailboxName, ReplyKind } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import { type Receipt, receiptView } from './receipt.ts';
import { renderMarkdown } from './reply-markdown.ts';
import { htmlPage } from './reply-page.ts';
import { bareSubject, headerSubject } from './reply-subject.ts';
import type { ReplyTemplate, Templates } from './reply-template.ts';
import { createSlots, type Slots } from './reply-values.ts';
import type { ReplyView } from './reply-variables.ts';

export type ComposeInput = {
  readonly kind: ReplyKind;
  /** The writer's language (ISO 639-1, a region is ignored). */
  readonly language: string;
  /** The language the partner is registered with: for a writer's language that has no templates. */
  readonly partnerLanguage?: string | null;
  readonly ticketNumber: string;
  /** The partner's subject as it came. */
  readonly subject: string;
  readonly understood: readonly { readonly field: FieldName; readonly value: string }[];
  readonly missing: readonly FieldName[];
  /** The address the partner gave: printed by `superadmin-unknown` only. */
  readonly superadmin: string | null;
  /** By what the account was found: printed by `missing-superadmin-note` only. */
  readonly matchedBy: LookupKey | null;
  readonly mailbox: { readonly used: MailboxName; readonly expected: MailboxName };
  /** What was decided: told by `receipt` only. */
  readonly receipt?: Receipt | null;
};

export type ComposedReply = {
  /** One line: no CR, LF or other control character. */
  readonly subject: string;
  readonly text: string;
  /** A whole document, self-contained: no remote image, style or script. */
  readonly html: string;
  /** The language it is written in. */
  readonly language: string;
};

/** The part of the policy that a reply depends on. */
export type ReplyPolicy = Pick<Policy, 'labels' | 'mailboxes' | 'commitment' | 'outbound'>;

/** Addresses and ids read left to right in every language. */
const LEFT_TO_RIGHT: ReadonlySet<FieldName> = new Set<FieldName>([
  'customerEmail',
  'superadminEmail',
  'zuid',
  'zoid',
  'zgid',
  'serviceOrganisationId',
]);

/** Data an account can be found by without its super admin (DOMAIN rule 5). */
const ALTERNATIVES = ['customerEmail', 'zuid', 'zoid'] as const satisfies readonly FieldName[];

/** What the directory is asked with when the super admin's address is not there. */
const LOOKED_UP_BY = [...ALTERNATIVES, 'zgid'] as const satisfies readonly FieldName[];

/**
 * In the writer's language, else in the partner's, else in the policy's fallback.
 * @throws IntakeError (permanent, `no-reply-template`) when none of them has templates.
 */
export function compose(templates: Templates, policy: ReplyPolicy, input: ComposeInput): ComposedReply {
  const { language, template } = choose(templates, policy, input);
  const slots = createSlots();
  const view = viewOf(policy, input, language, slots);
  const rendered = slots.fillText(template.subject(view));
  const subject = headerSubject(rendered, input.ticketNumber);
  const { html, text } = renderMarkdown(template.body(view), slots);
  const direction = policy.labels.languages[language]?.direction ?? 'ltr';
  return { subject, text, html: htmlPage(html, subject, language, direction), language };
}

function choose(templates: Templates, policy: ReplyPolicy, input: ComposeInput) {
  const base = (code: string) => code.trim().toLowerCase().split(/[-_]/, 1)[0] ?? '';
  const { fallbackLanguage } = policy.outbound;
  for (const language of [base(input.language), base(input.partnerLanguage ?? ''), fallbackLanguage]) {
    const template: ReplyTemplate | undefined = templates.get(language)?.[input.kind];
    if (template) return { language, template };
  }
  throw new IntakeError('permanent', 'no-reply-template', 'there is no reply template in any usable language', {
    kind: input.kind,
    fallback: fallbackLanguage,
  });
}

function viewOf(policy: ReplyPolicy, input: ComposeInput, language: string, slots: Slots): ReplyView {
  const { put } = slots;
  // A label is ours, in the reply's language: set apart, one that begins with "ZUID" would run left to right in Arabic.
  const label = (field: FieldName) => ({ label: put(labelOf(policy, language, field), 'word') });
  const used = policy.mailboxes.mailboxes[input.mailbox.used];
  const expected = policy.mailboxes.mailboxes[input.mailbox.expected];
  const firstResponse = policy.commitment.severities.S1.firstResponse;
  const blank = new Set<FieldName>(['superadminEmail', ...input.missing]);
  // Never the super admin's address: where it was given it is `superadmin`; anywhere else it could only be the directory's, and
  // the sender's address proves nothing.
  const given = input.understood.filter(({ field }) => field !== 'superadminEmail');
  const known = new Set(given.map(({ field }) => field));
  const { matchedBy } = input;
  return {
    ticketNumber: put(input.ticketNumber, 'ltr'),
    subject: put(bareSubject(input.subject, input.ticketNumber), 'quote'),
    team: put(used.name, 'word'),
    understood: given.flatMap(({ field, value }) => {
      const shown = put(wordsFor(policy, language, field, value), LEFT_TO_RIGHT.has(field) ? 'ltr' : 'quote');
      return shown === '' ? [] : [{ ...label(field), value: shown }];
    }),
    missing: [...new Set(input.missing)].map(label),
    blank: [...blank].map(label),
    alternatives: ALTERNATIVES.filter((field) => !known.has(field) && !blank.has(field)).map(label),
    lookedUp: LOOKED_UP_BY.some((field) => known.has(field)),
    responseFrom: put(String(firstResponse.target), 'word'),
    responseTo: put(String(firstResponse.commitment), 'word'),
    wrongMailbox: input.mailbox.used !== input.mailbox.expected,
    usedAddress: put(used.address, 'ltr'),
    expectedAddress: put(expected.address, 'ltr'),
    helpCentre: put(expected.helpCentre, 'url'),
    store: put(expected.store, 'url'),
    matchedBy: matchedBy === null || matchedBy === 'domain' ? '' : label(matchedBy).label,
    byDomain: matchedBy === 'domain',
    superadmin: put(input.superadmin ?? '', 'ltr'),
    ...receiptView(input.receipt, language, put),
  };
}

function labelOf(policy: ReplyPolicy, language: string, field: FieldName): string {
  const { languages } = policy.labels;
  return (
    languages[language]?.labels[field]?.[0] ?? languages[policy.outbound.fallbackLanguage]?.labels[field]?.[0] ?? field
  );
}

/** `reproducible` is yes, no or unknown inside; outside it is said in the reader's language, or not at all. */
function wordsFor(policy: ReplyPolicy, language: string, field: FieldName, value: string): string {
  if (field !== 'reproducible') return value;
  const words = policy.labels.languages[language];
  if (value === 'unknown') return '';
  return (value === 'yes' ? words?.yes[0] : value === 'no' ? words?.no[0] : value) ?? value;
}
