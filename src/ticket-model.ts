/** A ticket as other ticket systems see it. */
import type { Severity } from './model.ts';

/** What of a decision another ticket system shows in fields of its own. */
export type TicketFields = {
  /** "Customer Primary Email Address". */
  readonly superadminEmail: string | null;
  /** The checkbox of large accounts. */
  readonly priorityCustomer: boolean;
  readonly severity: Severity | null;
  /** Canonical product name. */
  readonly service: string | null;
  readonly serviceOrganisationId: string | null;
};

/** A ticket to be made elsewhere. */
export type TicketContent = {
  /** Ours: `P-1042`. */
  readonly number: string;
  readonly subject: string;
  /** Plain text, as long as it is: the adapter shortens it to what its system takes, and says so in it. */
  readonly description: string;
  readonly sender: { readonly address: string; readonly name: string };
  /** ISO 639-1. */
  readonly language: string;
  /** Those that are not named stay empty. */
  readonly fields: Partial<TicketFields>;
};
