/** A partner's answer to a reply of ours -> the ticket it belongs to; what was missing is filled and decided again. */
import { events, mails, threads, tickets } from '../ledger/index.ts';
import type { Enquiry, FieldName, FieldValue, ParsedMail } from '../model.ts';
import { domainOf } from '../pipeline/decide/identify.ts';
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
const ADDRESSES = /[\p{L}\p{N}._%+'-]{1,64}@[\p{L}\p{N}.-]{1,253}\.[\p{L}]{2,24}/gu;
/** Letters beside a bare address: a greeting and a name. */
const BARE_ANSWER_LETTERS = 40;
/** The text of an answer that is searched for a bare address. */
const ANSWER_LENGTH = 4_000;

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
  const asked = !settledByHand && (ticket.decision.missing.length > 0 || ticket.decision.provisional);
  const enquiry = asked || settledByHand ? withQuoted(mail, ticket.enquiry, ctx) : mail.enquiry;
  const named = superadminIn({ ...mail, enquiry }, asked || settledByHand, ctx);
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
        ...(superadmin === null ? keptAgainst(ticket, named, mail.id) : []),
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

/** Another super admin than the ticket's, which was not asked for: not filled in, and not kept quiet either. */
function keptAgainst(ticket: tickets.TicketRow, named: FieldValue | null, mailId: number): events.NewEvent[] {
  const kept = ticket.superadmin_email;
  if (named === null || kept === null || named.value === kept) return [];
  const by = ticket.superadmin_by === 'associate' ? 'an associate set' : 'the ticket has';
  const because = `the partner names ${named.value} as super admin; ${by} ${kept}, which stays`;
  return [{ mailId, ticketId: ticket.id, by: 'partner', what: 'conflict: another super admin is named', because }];
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

/** The super admin an answer names: by label, or as (nearly) all that the answer to our question says. */
function superadminIn(mail: { parsed: ParsedMail; enquiry: Enquiry }, asked: boolean, ctx: Context): FieldValue | null {
  const labelled = mail.enquiry.fields.superadminEmail;
  if (labelled) return labelled;
  if (!asked) return null;
  const text = mail.parsed.text.slice(0, ANSWER_LENGTH);
  const [only, ...others] = new Set((text.match(ADDRESSES) ?? []).map((address) => address.toLowerCase()));
  if (only === undefined || others.length > 0 || isOurs(only, mail.parsed.from.address, ctx)) return null;
  // "Customer email address: …" names the customer, and nobody else.
  const customer = mail.enquiry.fields.customerEmail;
  if (customer?.value === only && customer.confidence >= STATED) return null;
  // "I will ask the customer" above a signature with an address names nobody.
  const beside = text.replace(ADDRESSES, '').match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  if (beside > BARE_ANSWER_LETTERS) return null;
  const start = mail.parsed.parts.text.toLowerCase().indexOf(only);
  return {
    value: only,
    confidence: BARE_ANSWER_CONFIDENCE,
    source: {
      part: 'text',
      start: Math.max(0, start),
      end: Math.max(0, start) + only.length,
      label: null,
      language: null,
    },
  };
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
