/** One planned call to Desk, made: what it tells is taken from the ledger as it is now. */
import { IntakeError, messageOf } from '../../errors.ts';
import type { DeskCall } from '../../ledger/desk-calls.ts';
import { decisions, deskCalls, deskTickets, replies, tickets } from '../../ledger/index.ts';
import { contentOf } from '../../pipeline/deliver/content.ts';
import { fieldsOf, NO_FIELDS, type Told, toldOf, untoldFields } from '../../pipeline/deliver/fields.ts';
import { whyLeftOut } from '../../pipeline/deliver/limits.ts';
import { answerNote, decisionNote, fileNote, refusedNote, replyNote } from '../../pipeline/deliver/notes.ts';
import type { TicketSystem } from '../../ports.ts';
import type { TicketFields } from '../../ticket-model.ts';
import { readingOf } from '../read-row.ts';
import { attachmentBytes, servedType } from '../ticket-attachments.ts';
import type { DeskContext } from './context.ts';
import { fileOf } from './file-of-call.ts';
import { signer } from './sign.ts';
import { takeBack } from './take-back.ts';

/** What a call did, for the ledger. */
export type Made = {
  readonly because: string;
  readonly remote?: { readonly id: string; readonly number: string };
  readonly told?: Readonly<Record<string, string>>;
  /** There is no such ticket any more. */
  readonly gone?: true;
};

const GONE: Made = { because: 'it is not in Desk any more', gone: true };

/** Makes the call. @throws what the ticket system throws: see TicketSystem */
export const makeDeskCall = (ctx: DeskContext, system: TicketSystem, call: DeskCall): Promise<Made> =>
  unlessGone(system, call, () => make(ctx, system, call));

/** A ticket that was deleted or merged there is no failure of ours, and trying again cannot help. */
async function unlessGone<T>(system: TicketSystem, { remoteId }: DeskCall, work: () => Promise<T>): Promise<T | Made> {
  try {
    return await work();
  } catch (error) {
    const missing = error instanceof IntakeError && error.code === 'desk-not-found';
    if (missing && remoteId !== null && (await system.read(remoteId)) === null) return GONE;
    throw error;
  }
}

async function make(ctx: DeskContext, system: TicketSystem, call: DeskCall): Promise<Made> {
  switch (call.kind) {
    case 'create':
      return await create(ctx, system, call);
    case 'update':
      return await update(ctx, system, call);
    case 'note':
      return await note(ctx, system, call);
    case 'attachment':
      return await attach(ctx, system, call);
    case 'verify':
      return await verify(system, call);
  }
}

async function create(ctx: DeskContext, system: TicketSystem, { ticketId, key }: DeskCall): Promise<Made> {
  const ticket = await tickets.getTicket(ctx.db, ticketId);
  const { parsed } = await readingOf(ctx.db, ticket.mail_id);
  const content = contentOf({ ...ticket, number: tickets.ticketNumber(ticketId) }, parsed);
  const told = toldOf(content.fields, signer(ctx));
  await deskTickets.rememberTelling(ctx.db, ticketId, told);
  try {
    const remote = await system.create(key, content);
    return { because: `made as ${remote.number}`, remote, told };
  } catch (error) {
    if (!isRefused(error)) throw error;
    // A value that the portal does not take is no reason to have no ticket. The update that follows sets what can be set.
    await deskTickets.rememberTelling(ctx.db, ticketId, toldOf(NO_FIELDS, signer(ctx)));
    const remote = await system.create(key, { ...content, fields: {} });
    return { because: `made as ${remote.number} without its fields: ${messageOf(error)}`, remote };
  }
}

/** Desk does not take what it is told. */
export const isRefused = (error: unknown): boolean => error instanceof IntakeError && error.code === 'desk-refused';

/** What was changed there by hand is taken back first: it must not be written over. */
async function update(ctx: DeskContext, system: TicketSystem, call: DeskCall): Promise<Made> {
  const taken = await takeBack(ctx, system, { ...call, remoteId: remoteOf(call) });
  if (!taken) return GONE;
  const { told, there } = taken;
  const sign = signer(ctx);
  const fields = untoldFields(fieldsOf(await tickets.getTicket(ctx.db, call.ticketId)), told, sign);
  const names = Object.keys(fields);
  if (names.length === 0) return { because: 'its fields say so already', told };
  const set = async (some: Partial<TicketFields>): Promise<Told> => {
    const telling = toldOf(some, sign);
    await deskTickets.rememberTelling(ctx.db, call.ticketId, telling);
    try {
      await system.update(remoteOf(call), some);
    } catch (error) {
      // What was read stands there: by that it is seen when somebody sets the field by hand.
      if (isRefused(error)) await deskTickets.rememberTelling(ctx.db, call.ticketId, pickTold(there, telling));
      throw error;
    }
    return telling;
  };
  try {
    return { because: `set: ${names.join(', ')}`, told: { ...told, ...(await set(fields)) } };
  } catch (error) {
    if (!isRefused(error) || names.length === 1) throw error;
    return await oneByOne(ctx, call, { fields, told, set });
  }
}

/** Of `from`, those that `like` names. */
const pickTold = (from: Told, like: Told): Told =>
  Object.fromEntries(Object.entries(from).filter(([name]) => name in like));

type Setting = {
  readonly fields: Partial<TicketFields>;
  readonly told: Told;
  readonly set: (some: Partial<TicketFields>) => Promise<Told>;
};

/** One field that Desk refuses keeps no other from being set. @throws IntakeError `permanent` that names those it refuses */
async function oneByOne(ctx: DeskContext, { ticketId }: DeskCall, { fields, told, set }: Setting): Promise<Made> {
  const refusals: string[] = [];
  let known = told;
  for (const [name, value] of Object.entries(fields)) {
    try {
      known = { ...known, ...(await set({ [name]: value })) };
      await deskTickets.rememberTold(ctx.db, ticketId, known);
    } catch (error) {
      if (!isRefused(error)) throw error;
      refusals.push(messageOf(error));
    }
  }
  if (refusals.length > 0) throw new IntakeError('permanent', 'desk-refused', refusals.join('; '));
  return { because: `set, one by one: ${Object.keys(fields).join(', ')}`, told: known };
}

async function note(ctx: DeskContext, system: TicketSystem, call: DeskCall): Promise<Made> {
  await system.note(remoteOf(call), markerOf(call), await noteText(ctx, call));
  return { because: 'noted' };
}

/** Of the note that tells that Desk refused what a call tells. */
export const refusedMarker = (marker: string): string => `refused-${marker}`;

async function noteText({ db }: DeskContext, call: DeskCall): Promise<string> {
  const { ticketId, decisionId, mailId, replyId } = call;
  if (decisionId !== null) {
    const { before, after, trigger } = await decisions.decisionWithBefore(db, ticketId, decisionId);
    return decisionNote(tickets.ticketNumber(ticketId), before, after, trigger);
  }
  if (mailId !== null) return answerNote((await readingOf(db, mailId)).parsed);
  if (call.marker.startsWith(refusedMarker(''))) {
    const because = await deskCalls.reasonOf(db, ticketId, call.marker.slice(refusedMarker('').length));
    const fields = fieldsOf(await tickets.getTicket(db, ticketId));
    return refusedNote(tickets.ticketNumber(ticketId), because ?? '', fields);
  }
  const reply = replyId === null ? undefined : await replies.findReply(db, replyId);
  if (!reply) throw new IntakeError('permanent', 'nothing-to-note', 'there is nothing to note any more');
  return replyNote(reply.message);
}

async function attach(ctx: DeskContext, system: TicketSystem, call: DeskCall): Promise<Made> {
  const { file, name } = await fileOf(ctx.db, call);
  if (!file) throw new IntakeError('permanent', 'no-attachment', 'the attachment is not there any more');
  const why = whyLeftOut(file, ctx.policy.desk);
  if (why !== null) {
    const text = fileNote(file, why);
    await system.note(remoteOf(call), markerOf(call), text);
    return { because: `named in a note: ${why}` };
  }
  const content = await attachmentBytes(ctx, file);
  if (!content) throw new IntakeError('permanent', 'no-attachment', 'the attachment is not in its mail');
  await system.attach(remoteOf(call), { filename: name, contentType: servedType(file), content });
  return { because: 'attached' };
}

/** A ticket that was made again because nothing was found of the first attempt must be the only one. */
async function verify(system: TicketSystem, { key, since }: DeskCall): Promise<Made> {
  const found = await system.find(key, since);
  if (found.length <= 1) return { because: 'it is the only one' };
  const numbers = found.map(({ number }) => number).join(' and ');
  throw new IntakeError('permanent', 'two-tickets', `Desk has ${numbers} for one mail: merge them there`);
}

/** @throws IntakeError `temporary` when the ticket is not there yet. */
function remoteOf({ remoteId }: DeskCall): string {
  if (remoteId === null) throw new IntakeError('temporary', 'not-made-yet', 'the ticket is not in Desk yet');
  return remoteId;
}

/** Stands in a note, and in no other of any ticket. */
const markerOf = ({ ticketId, marker }: DeskCall): string => `${tickets.ticketNumber(ticketId)}/${marker}`;

/** Whether the call has had its effect after all, as far as can be seen. */
export const hasHappened = (ctx: DeskContext, system: TicketSystem, call: DeskCall): Promise<Made | null> =>
  unlessGone(system, call, () => lookUp(ctx, system, call));

async function lookUp(ctx: DeskContext, system: TicketSystem, call: DeskCall): Promise<Made | null> {
  if (call.kind === 'create') {
    const [first] = await system.find(call.key, call.since);
    // What it says there is told by the update that follows.
    return first ? { because: `found as ${first.number}: it had been made`, remote: first } : null;
  }
  if (call.kind === 'note' || call.kind === 'attachment') {
    if (await system.hasNote(remoteOf(call), markerOf(call))) return { because: 'found: it had been noted' };
  }
  if (call.kind !== 'attachment') return null;
  const { file, name } = await fileOf(ctx.db, call);
  const there = file && (await system.hasAttachment(remoteOf(call), { filename: name, size: file.size }));
  return there ? { because: 'found: it had been attached' } : null;
}
