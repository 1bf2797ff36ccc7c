/** What the Desk double keeps and shows. Ids are strings of 18 digits: as a JavaScript number they would lose their end. */

export type Edition = 'STANDARD' | 'PROFESSIONAL' | 'ENTERPRISE';
export type FieldType = 'Text' | 'Email' | 'Picklist' | 'Boolean' | 'Number' | 'Textarea' | 'DateTime';

export type Field = {
  readonly apiName: string;
  readonly displayLabel: string;
  readonly type: FieldType;
  readonly maxLength?: number;
  /** Of a picklist. */
  readonly allowedValues?: readonly string[];
};

export type Department = { readonly id: string; readonly name: string };
export type Limits = { readonly concurrency: number; readonly creditsPerDay: number };

export type Contact = {
  readonly id: string;
  readonly firstName: string | null;
  readonly lastName: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly createdTime: string;
  /** Milliseconds since 1970 from which search finds it. */
  readonly searchableAt: number;
};

export type Comment = {
  readonly id: string;
  readonly content: string;
  readonly contentType: 'html' | 'plainText';
  readonly isPublic: boolean;
  readonly commentedTime: string;
  readonly commenterId: string;
};

/** `size` in bytes; `sha256` in hex. */
export type FileRecord = {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  readonly createdTime: string;
};

/** A mail on a ticket: `out` is an answer of an associate. */
export type Thread = {
  readonly id: string;
  readonly direction: 'in' | 'out';
  readonly content: string;
  readonly contentType: 'html' | 'plainText';
  readonly fromEmailAddress: string;
  readonly to: string;
  readonly createdTime: string;
};

/** What a ticket shows of itself; every custom field of the portal is in `cf`, null when unset. */
export type TicketRow = {
  readonly id: string;
  readonly ticketNumber: string;
  readonly departmentId: string;
  readonly contactId: string;
  readonly subject: string;
  readonly description: string | null;
  readonly status: string;
  readonly priority: string | null;
  readonly channel: string;
  readonly language: string | null;
  readonly category: string | null;
  readonly subCategory: string | null;
  readonly classification: string | null;
  readonly resolution: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly productId: string | null;
  readonly assigneeId: string | null;
  readonly teamId: string | null;
  readonly dueDate: string | null;
  readonly secondaryContacts: readonly string[];
  readonly createdTime: string;
  readonly modifiedTime: string;
  readonly closedTime: string | null;
  readonly cf: Readonly<Record<string, string | null>>;
};

/** For tests: a ticket with everything on it. */
export type TicketSnapshot = TicketRow & {
  readonly orgId: string;
  readonly isTrashed: boolean;
  readonly comments: readonly Comment[];
  readonly attachments: readonly FileRecord[];
  readonly threads: readonly Thread[];
};

/** The ticket's state as search will show it from `at` plus the index lag on; `at` in milliseconds since 1970. */
export type Indexed = { readonly at: number; readonly row: TicketRow };

export type Ticket = {
  row: TicketRow;
  isTrashed: boolean;
  /** Oldest first. */
  index: Indexed[];
  readonly comments: Comment[];
  readonly attachments: FileRecord[];
  readonly threads: Thread[];
};

export type Portal = {
  readonly orgId: string;
  readonly companyName: string;
  readonly edition: Edition;
  readonly departments: readonly Department[];
  /** Custom fields: their names start with `cf_`. */
  readonly fields: readonly Field[];
  readonly limits: Limits;
  readonly uniqueContactEmails: boolean;
  readonly tickets: Map<string, Ticket>;
  readonly contacts: Map<string, Contact>;
  readonly uploads: Map<string, FileRecord>;
  /** Calls in flight. */
  busy: number;
  credits: { used: number; since: number };
};

export type EventType = 'Ticket_Add' | 'Ticket_Update' | 'Ticket_Comment_Add' | 'Ticket_Thread_Add';

/** `payload` is the ticket, comment or thread; `prevState` the ticket before an update. */
export type DeskEvent = {
  readonly eventType: EventType;
  readonly orgId: string;
  /** Milliseconds since 1970, as text. */
  readonly eventTime: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly prevState?: Readonly<Record<string, unknown>>;
};

/** Who did it: our program by the API, or an associate in the browser. */
export type Actor = 'api' | 'agent';

/** What all parts of the double share. */
export type World = {
  readonly portals: Map<string, Portal>;
  /** How long after a change search shows it. */
  readonly indexLagMs: number;
  /** Whether GET /tickets sorts by modifiedTime, which the published schema does not list. */
  readonly listSortsByModifiedTime: boolean;
  /** Milliseconds since 1970. */
  now(): number;
  /** The present as Desk writes it: whole seconds, as in every published example. */
  stamp(): string;
  nextId(): string;
  tell(event: DeskEvent, actor: Actor): void;
};

/** One call, for the log. `status` 0: the client got no answer. `weight` in credits, 0 when none were taken. */
export type Call = {
  readonly n: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  weight: number;
  status: number;
  fault: string | null;
};
