/** A partner's answer to a reply of ours -> the ticket it belongs to; what was missing is filled and decided again. */
import { events, mails, tickets } from '../ledger/index.ts';
import type { Enquiry, FieldName, FieldValue, ParsedMail } from '../model.ts';
import { domainOf } from '../pipeline/decide/identify.ts';
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

/** @returns the id of a reply to send, if the answer calls for one. */
export const appendAnswer = (ctx: Context, mail: ReadMailRow, ticketId: number): Promise<number | undefined> =>
  untilUnchanged(() => append(ctx, mail, ticketId));

async function append(ctx: Context, mail: ReadMailRow, ticketId: number): Promise<number | undefined> {
  const ticket = await tickets.getTicket(ctx.db, ticketId);
  const settledByHand = ticket.superadmin_by === 'associate';
  const said = wishIn(mail, ctx);
  const partner = said === null ? null : await partnerOf(ctx, ticket.sender);
  const asked = !settledByHand && (ticket.decision.missing.length > 0 || ticket.decision.provisional);
  const superadmin = settledByHand ? null : superadminIn(mail, asked, ctx);
  const keys = asked ? newKeys(mail.enquiry, ticket.enquiry) : {};
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
      await events.record(tx, [
        ...(await partnerAnswered(tx, ticketId, { at: mail.arrivedAt, gives })),
        {
          mailId: mail.id,
          ticketId,
          by: 'partner',
          what: 'answered',
          because: 'it answers a mail of ours, by its signed reference',
        },
      ]);
      if (said !== null) await noteEscalation(tx, ctx, { mail, partner, ticketId, said });
      return true;
    },
  });
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
