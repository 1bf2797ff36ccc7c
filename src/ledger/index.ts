/** The ledger by table family: `mails.findMail`, `tickets.createTicket`, … */
export * as audit from './audit.ts';
export * as clock from './clock.ts';
export * as clockPasses from './clock-passes.ts';
export * as events from './events.ts';
export * as mailboxes from './mailboxes.ts';
export * as mails from './mails.ts';
export * as notices from './notices.ts';
export * as outbound from './outbound.ts';
export * as replies from './replies.ts';
export * as stories from './stories.ts';
export * as threads from './threads.ts';
export * as tickets from './tickets.ts';
export * as views from './views.ts';
export * as wishes from './wishes.ts';
