/** What the stages of Desk work with. */
import type { MailboxName } from '../../model.ts';
import type { TicketSystem } from '../../ports.ts';
import type { Context } from '../context.ts';

export type DeskContext = Pick<
  Context,
  | 'db'
  | 'policy'
  | 'templates'
  | 'directory'
  | 'partners'
  | 'threadKeys'
  | 'escalationDesk'
  | 'takeAttachment'
  | 'noticeSecret'
  | 'queue'
  | 'now'
  | 'random'
  | 'log'
> & {
  /** The portals by the mailbox whose tickets they get. */
  readonly desk: Readonly<Partial<Record<MailboxName, TicketSystem>>>;
  /** Tickets made before this stay in the ledger alone. */
  readonly deskSince: Date;
};
