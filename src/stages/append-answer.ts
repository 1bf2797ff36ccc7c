/** A partner's answer to a reply of ours -> the ticket it belongs to; what was missing is filled and decided again. */
import { events, mails, threads, tickets } from '../ledger/index.ts';
import type { Enquiry, FieldName, FieldValue, ParsedMail } from '../model.ts';
import { domainOf } from '../pipeline/decide/identify.ts';
import { bareAddressIn } from '../pipeline/reply/bare-answer.ts';
import { filledInQuote } from '../pipeline/reply/filled-in-quote.ts';
import { partnerOf } from './consult.ts';
import type { Context } from './context.ts';
import { decideAgain, untilUnchanged } from './decide-again.ts';
import { noteEscalation, wishIn } from './note-escalation.ts';
import type { ReadMailRow } from './read-row.ts';
import { partnerAnswered } from './resume-clock.ts';

/** A bare address in answer to our question is an answer; it is a little less sure than a labelled one. */
const BARE_ANSWER_CONFIDENCE = 0.9;
/** The reader is as sure as this of what a label or a sentence states. */
const STATED = 0.8;
/** What else an account can be found by: our question offers these in the super admin's place. */
const KEYS = ['customerEmail', 'zuid', 'zoid', 'zgid', 'serviceOrganisationId'] as const satisfies readonly FieldName[];

/** The ticket, and how the answer shows that it belongs there. */
export type Place = { readonly ticketId: number; readonly because: string };

/** @returns the id of a reply to send, if the answer calls for one. */
export const appendAnswer = (ctx: Context, mail: ReadMailRow, place: Place): Promise<number | undefined> =>
  untilUnchanged(() => append(ctx, mail, place));

async function append(ctx: Context, mail: ReadMailRow, { ticketId, because }: Place): Promise<number | undefined> {
  const ticket = await tickets.getTicket(ctx.db, ticketId);
  const settledByHand = ticket.superadmin_by === 'associate';
  const said = wishIn(mail, ctx);
  const partner = said === null ? null : await partnerOf(ctx, ticket.sender);
  const open = ticket.decision.missing.length > 0 || ticket.decision.provisional;
  // Without its texts a ticket is not decided again.
  const asked = open && !settledByHand && ticket.texts_dropped_at === null;
  const enquiry = asked || settledByHand ? withQuoted(mail, ticket.enquiry, ctx) : mail.enquiry;
  const named = superadminIn({ ...mail, enquiry }, ticket.enquiry.language, ctx);
  // A reply to a question fills what was asked; what else it says of the account an associate has to look at.
  const superadmin = asked ? named : null;
  const keys = asked ? newKeys(enquiry, ticket.enquiry) : {};
  const gives = superadmin !== null || Object.keys(keys).length > 0;
  return await decideAgain(ctx, {
    ticketId,
    trigger: 'answer',
    by: 'partner',
    mail,
    because: `the partner's answer names ${superadmin?.value ?? 'no super admin'}${listed(keys)}`,
    superadmin,
    keys,
    settleMail: async (tx) => {
      const settled = await mails.settle(tx, mail.id, {
        state: 'appended',
        because: `answer on ticket ${tickets.ticketNumber(ticketId)}`,
        ticketId,
      });
      if (!settled) return false;
      await threads.keepThread(tx, ticketId, mail.parsed);
      await events.record(tx, [
        ...(await partnerAnswered(tx, ticketId, { at: mail.arrivedAt, gives })),
        ...conflicts(ticket, enquiry, superadmin === null ? named : null, mail.id),
        {
          mailId: mail.id,
          ticketId,
          by: 'partner',
          what: 'answered',
          because,
        },
      ]);
      if (said !== null) await noteEscalation(tx, ctx, { mail, partner, ticketId, said });
      return true;
    },
  });
}

/** What the answer says, and what it filled in inside our quoted question: only fields that the ticket does not have. */
function withQuoted({ parsed, enquiry }: ReadMailRow, known: Enquiry, { policy }: Context): Enquiry {
  const blank = new Set((['superadminEmail', ...KEYS] as const).filter((field) => !known.fields[field]));
  return { ...enquiry, fields: { ...filledInQuote(parsed, blank, policy), ...enquiry.fields } };
}

/** What the answer says otherwise than the ticket has it, and that is not filled in: it is not kept quiet either. */
function conflicts(
  ticket: tickets.TicketRow,
  answer: Enquiry,
  named: FieldValue | null,
  mailId: number,
): events.NewEvent[] {
  const told = (what: string, because: string) => ({
    mailId,
    ticketId: ticket.id,
    by: 'partner' as const,
    what,
    because,
  });
  const kept = ticket.superadmin_email;
  const by = ticket.superadmin_by === 'associate' ? 'an associate set' : 'the ticket has';
  const superadmin =
    named === null || kept === null || named.value === kept
      ? []
      : [
          told(
            'conflict: another super admin is named',
            `the partner names ${named.value} as super admin; ${by} ${kept}, which stays`,
          ),
        ];
  const keys = KEYS.flatMap((key) => {
    const [said, before] = [answer.fields[key], ticket.enquiry.fields[key]];
    if (!said || said.confidence < STATED || before?.by !== 'associate' || said.value === before.value) return [];
    const because = `the partner says ${key} ${said.value}; an associate set ${before.value}, which stays`;
    return [told(`conflict: another ${key} is named`, because)];
  });
  return [...superadmin, ...keys];
}

/**
 * The keys an answer states that the ticket has not, or has otherwise; what an associate filled in stays. An address that only
 * stands there is none: it may be a signature's.
 */
function newKeys(answer: Enquiry, known: Enquiry): Enquiry['fields'] {
  const given = KEYS.filter((key) => {
    const [said, before] = [answer.fields[key], known.fields[key]];
    return said && said.confidence >= STATED && said.value !== before?.value && before?.by !== 'associate';
  });
  return Object.fromEntries(given.map((key) => [key, answer.fields[key]]));
}

const listed = (keys: Enquiry['fields']): string =>
  Object.entries(keys)
    .map(([key, { value }]) => `, ${key} ${value}`)
    .join('');

/** The super admin an answer names: by label or in a sentence that says so, or as an address that is given for an answer. */
function superadminIn(
  { parsed, enquiry }: { readonly parsed: ParsedMail; readonly enquiry: Enquiry },
  language: string,
  ctx: Context,
): FieldValue | null {
  const labelled = enquiry.fields.superadminEmail;
  if (labelled) return labelled;
  const only = bareAddressIn(parsed.text, {
    isOurs: (address) => isOurs(address, parsed.from.address, ctx),
    languages: [...new Set([enquiry.language, language])],
    policy: ctx.policy,
  });
  if (only === null) return null;
  // "Customer email address: …" names the customer, and nobody else.
  const customer = enquiry.fields.customerEmail;
  if (customer?.value === only && customer.confidence >= STATED) return null;
  const part = parsed.parts.text.toLowerCase().includes(only) ? 'text' : 'html';
  const start = Math.max(0, parsed.parts[part].toLowerCase().indexOf(only));
  const source = { part, start, end: start + only.length, label: null, language: null } as const;
  return { value: only, confidence: BARE_ANSWER_CONFIDENCE, source };
}

/** An address of ours, or of the sender's own company: not a customer's super admin. */
function isOurs(address: string, sender: string, ctx: Context): boolean {
  const own = Object.values(ctx.policy.mailboxes.mailboxes).map((mailbox) => mailbox.address);
  const { genericDomains } = ctx.policy.identification;
  const company = domainOf(sender);
  return (
    own.includes(address) || address === sender || (domainOf(address) === company && !genericDomains.includes(company))
  );
}
