/** A partner's answer to a reply of ours -> the ticket it belongs to; what was missing is filled and decided again. */
import { events, mails, tickets } from '../ledger/index.ts';
import type { Enquiry, FieldValue, ParsedMail } from '../model.ts';
import type { Context } from './context.ts';
import { decideAgain } from './decide-again.ts';
import type { ReadMailRow } from './decide-mail.ts';

/** A bare address in answer to our question is an answer; it is a little less sure than a labelled one. */
const BARE_ANSWER_CONFIDENCE = 0.9;
const ADDRESSES = /[\p{L}\p{N}._%+'-]{1,64}@[\p{L}\p{N}.-]{1,253}\.[\p{L}]{2,24}/gu;
/** The text of an answer that is searched for a bare address. */
const ANSWER_LENGTH = 4_000;

/** @returns the id of a reply to send, if the answer calls for one. */
export async function appendAnswer(ctx: Context, mail: ReadMailRow, ticketId: number): Promise<number | undefined> {
  const ticket = await tickets.getTicket(ctx.db, ticketId);
  const answer =
    ticket.superadmin_by === 'associate'
      ? null
      : superadminIn(mail, ticket.decision.missing.length > 0 || ticket.decision.provisional, ctx);
  return await decideAgain(ctx, {
    ticketId,
    trigger: 'answer',
    by: 'partner',
    mail,
    because: answer ? `the partner's answer names ${answer.value}` : "the partner's answer names no super admin",
    superadmin: answer,
    settleMail: async (tx) => {
      const settled = await mails.settle(tx, mail.id, {
        state: 'appended',
        because: `answer on ticket ${tickets.ticketNumber(ticketId)}`,
        ticketId,
      });
      if (!settled) return false;
      await events.record(tx, [
        {
          mailId: mail.id,
          ticketId,
          by: 'partner',
          what: 'answered',
          because: 'it answers a mail of ours, by its signed reference',
        },
      ]);
      return true;
    },
  });
}

/** The super admin an answer names: by label, or as the only address in it when we had asked. */
function superadminIn(mail: { parsed: ParsedMail; enquiry: Enquiry }, asked: boolean, ctx: Context): FieldValue | null {
  const labelled = mail.enquiry.fields.superadminEmail;
  if (labelled) return labelled;
  if (!asked) return null;
  const own = Object.values(ctx.policy.mailboxes.mailboxes).map((mailbox) => mailbox.address);
  const text = mail.parsed.text.slice(0, ANSWER_LENGTH);
  const named = [...new Set((text.match(ADDRESSES) ?? []).map((address) => address.toLowerCase()))].filter(
    (address) => address !== mail.parsed.from.address.toLowerCase() && !own.includes(address),
  );
  const [only] = named;
  if (named.length !== 1 || only === undefined) return null;
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
