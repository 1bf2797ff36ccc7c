/** Changes to a portal, whoever makes them: times, the search index and the events of webhooks follow from them. */
import { createHash } from 'node:crypto';
import { invalid, refusal } from './answers.ts';
import { checkValues, emptyCf } from './fields.ts';
import type {
  Actor,
  Comment,
  Contact,
  EventType,
  FileRecord,
  Portal,
  Thread,
  Ticket,
  TicketRow,
  World,
} from './types.ts';
import type { TicketBody, TicketPatch } from './validation.ts';

const AGENT_ID = '189200000000056007';
const API_USER_ID = '189200000000056001';
const FIRST_TICKET_NUMBER = 101;
export const userOf = (actor: Actor): string => (actor === 'api' ? API_USER_ID : AGENT_ID);

/** The ticket as GET shows it; counts are text, as Desk gives them. */
export function shownTicket(portal: Portal, ticket: Ticket, row: TicketRow = ticket.row) {
  const labels = portal.fields.map(({ apiName, displayLabel }) => [displayLabel, row.cf[apiName] ?? null]);
  return {
    ...row,
    statusType: row.status,
    isTrashed: ticket.isTrashed,
    commentCount: String(ticket.comments.length),
    threadCount: String(ticket.threads.length),
    attachmentCount: String(ticket.attachments.length),
    customFields: Object.fromEntries(labels),
    webUrl: `https://desk.zoho.example/support/${portal.orgId}/ShowHomePage.do#Cases/dv/${row.id}`,
  };
}

/** @throws URL_NOT_FOUND */
export function ticketOf(portal: Portal, id: string): Ticket {
  const ticket = portal.tickets.get(id);
  if (!ticket || ticket.isTrashed) throw refusal('URL_NOT_FOUND');
  return ticket;
}

function setRow(world: World, ticket: Ticket, row: TicketRow): void {
  const at = world.now();
  const visible = ticket.index.findLastIndex((entry) => entry.at + world.indexLagMs <= at);
  ticket.index = [...ticket.index.slice(Math.max(visible, 0)), { at, row }];
  ticket.row = row;
}

function tell(world: World, portal: Portal, actor: Actor, eventType: EventType, payload: object, prevState?: object) {
  const event = { eventType, orgId: portal.orgId, eventTime: String(world.now()), payload: { ...payload } };
  world.tell({ ...event, ...(prevState ? { prevState: { ...prevState } } : {}) }, actor);
}

export function contactByEmail(portal: Portal, email: string): Contact | undefined {
  const wanted = email.toLowerCase();
  return [...portal.contacts.values()].find((contact) => contact.email?.toLowerCase() === wanted);
}

type NewContact = Partial<Pick<Contact, 'firstName' | 'email' | 'phone'>> & Pick<Contact, 'lastName'>;

export function addContact(world: World, portal: Portal, contact: NewContact): Contact {
  const { firstName = null, lastName, email = null, phone = null } = contact;
  const times = { createdTime: world.stamp(), searchableAt: world.now() + world.indexLagMs };
  const added = { id: world.nextId(), firstName, lastName, email, phone, ...times };
  portal.contacts.set(added.id, added);
  return added;
}

/** @throws INVALID_DATA */
function checkLinks(portal: Portal, body: TicketPatch): void {
  const { departmentId, contactId, secondaryContacts = [], uploads = [] } = body;
  if (departmentId !== undefined && !portal.departments.some(({ id }) => id === departmentId)) {
    throw invalid('/departmentId');
  }
  if (contactId !== undefined && !portal.contacts.has(contactId)) throw invalid('/contactId');
  if (secondaryContacts.some((id) => !portal.contacts.has(id))) throw invalid('/secondaryContacts');
  if (uploads.some((id) => !portal.uploads.has(id))) throw invalid('/uploads');
  checkValues(portal, body);
}

function takeUploads(portal: Portal, ids: readonly string[] = []): FileRecord[] {
  return ids.flatMap((id) => {
    const file = portal.uploads.get(id);
    portal.uploads.delete(id);
    return file ? [file] : [];
  });
}

/** The same without the keys whose value is undefined. */
type Definite<T> = { [K in keyof T]: Exclude<T[K], undefined> };
function definite<T extends object>(values: T): Definite<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Definite<T>;
}

const UNSET = {
  description: null,
  status: 'Open',
  priority: null,
  channel: 'Web',
  language: null,
  category: null,
  subCategory: null,
  classification: null,
  resolution: null,
  email: null,
  phone: null,
  productId: null,
  assigneeId: null,
  teamId: null,
  dueDate: null,
  secondaryContacts: [],
  closedTime: null,
} as const;

/** A contact with the same address is taken instead of a new one. */
function contactFor(world: World, portal: Portal, { contactId, contact }: TicketBody): string {
  if (contactId !== undefined) return contactId;
  if (!contact) throw invalid('/contactId', 'missing');
  return (contactByEmail(portal, contact.email) ?? addContact(world, portal, definite(contact))).id;
}

/** @throws INVALID_DATA, with nothing done */
export function addTicket(world: World, portal: Portal, body: TicketBody, actor: Actor): Ticket {
  checkLinks(portal, body);
  const { contact, contactId: _, uploads, cf, ...values } = body;
  const contactId = contactFor(world, portal, body);
  const time = world.stamp();
  const row: TicketRow = {
    ...UNSET,
    ...(contact ? { email: contact.email } : {}),
    ...definite(values),
    contactId,
    id: world.nextId(),
    ticketNumber: String(FIRST_TICKET_NUMBER + portal.tickets.size),
    cf: { ...emptyCf(portal), ...cf },
    createdTime: time,
    modifiedTime: time,
    ...(values.status === 'Closed' ? { closedTime: time } : {}),
  };
  const attachments = takeUploads(portal, uploads);
  const ticket: Ticket = { row, isTrashed: false, index: [], comments: [], attachments, threads: [] };
  setRow(world, ticket, row);
  portal.tickets.set(row.id, ticket);
  tell(world, portal, actor, 'Ticket_Add', shownTicket(portal, ticket));
  return ticket;
}

/** @throws INVALID_DATA, with nothing done */
export function changeTicket(world: World, portal: Portal, ticket: Ticket, patch: TicketPatch, actor: Actor): void {
  checkLinks(portal, patch);
  const { uploads, cf, ...values } = patch;
  const before = shownTicket(portal, ticket);
  const modifiedTime = world.stamp();
  const closedTime = (values.status ?? ticket.row.status) === 'Closed' ? (ticket.row.closedTime ?? modifiedTime) : null;
  const merged = { ...ticket.row.cf, ...cf };
  const row: TicketRow = { ...ticket.row, ...definite(values), cf: merged, modifiedTime, closedTime };
  ticket.attachments.push(...takeUploads(portal, uploads));
  setRow(world, ticket, row);
  tell(world, portal, actor, 'Ticket_Update', shownTicket(portal, ticket), before);
}

const touch = (world: World, ticket: Ticket) => setRow(world, ticket, { ...ticket.row, modifiedTime: world.stamp() });

type NewComment = Pick<Comment, 'content' | 'contentType' | 'isPublic'>;

export function addComment(world: World, portal: Portal, ticket: Ticket, body: NewComment, actor: Actor): Comment {
  const { content, contentType, isPublic } = body;
  const facts = { id: world.nextId(), commentedTime: world.stamp(), commenterId: userOf(actor) };
  const comment: Comment = { ...facts, content, contentType, isPublic };
  ticket.comments.push(comment);
  touch(world, ticket);
  tell(world, portal, actor, 'Ticket_Comment_Add', { ...comment, ticketId: ticket.row.id });
  return comment;
}

export function addThread(
  world: World,
  portal: Portal,
  ticket: Ticket,
  mail: Omit<Thread, 'id' | 'createdTime'>,
  actor: Actor,
): Thread {
  const thread: Thread = { ...mail, id: world.nextId(), createdTime: world.stamp() };
  ticket.threads.push(thread);
  touch(world, ticket);
  tell(world, portal, actor, 'Ticket_Thread_Add', { ...thread, channel: 'EMAIL', ticketId: ticket.row.id });
  return thread;
}

export function fileRecord(world: World, name: string, bytes: Uint8Array): FileRecord {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { id: world.nextId(), name, size: bytes.length, sha256, createdTime: world.stamp() };
}

export function attach(world: World, ticket: Ticket, file: FileRecord): void {
  ticket.attachments.push(file);
  touch(world, ticket);
}
