/** The ledger's schema, step by step. A step that has been released is never edited: add another. */
import { type Kysely, type Migration, type MigrationProvider, sql } from 'kysely';

function inOrder(statements: readonly string[]): Migration {
  return {
    async up(db: Kysely<unknown>) {
      for (const statement of statements) await sql.raw(statement).execute(db);
    },
  };
}

const first = inOrder([
  `create table mailbox (
         name text primary key, epoch text, position bigint not null default 0,
         since timestamptz not null, updated_at timestamptz not null default now())`,
  `create table mail (
         id bigint generated always as identity primary key,
         fingerprint text not null unique, message_id text, mailbox text not null,
         arrived_at timestamptz not null, stored_at timestamptz not null default now(), size bigint not null,
         state text not null default 'received'
           check (state in ('received', 'parsed', 'ticketed', 'appended', 'suppressed', 'quarantined')),
         because text, kind text, parsed jsonb, enquiry jsonb, ticket_id bigint,
         attempts int not null default 0, next_attempt_at timestamptz, updated_at timestamptz not null default now(),
         check (state not in ('ticketed', 'appended') or ticket_id is not null),
         check (state not in ('suppressed', 'quarantined') or because is not null))`,
  "create index mail_unfinished on mail (id) where state in ('received', 'parsed')",
  // A hash: a Message-ID may be longer than an ordered index takes.
  'create index mail_message_id on mail using hash (message_id)',
  'create index mail_ticket on mail (ticket_id)',
  'create table original (mail_id bigint primary key references mail, raw bytea not null)',
  // Mail compresses badly once it holds attachments, and compressing costs more than the disk it saves.
  'alter table original alter column raw set storage external',
  `create table delivery (
         mailbox text not null, locator text not null, mail_id bigint not null references mail,
         arrived_at timestamptz not null, stored_at timestamptz not null default now(),
         primary key (mailbox, locator))`,
  'create index delivery_mail on delivery (mail_id)',
  `create table ticket (
         id bigint generated always as identity (start with 1001) primary key,
         mail_id bigint not null unique references mail, status text not null default 'open',
         sender text not null, subject text not null, mailbox text not null,
         superadmin_email text, superadmin_by text, directory_pending boolean not null default false,
         enquiry jsonb not null, decision jsonb not null,
         created_at timestamptz not null, updated_at timestamptz not null default now())`,
  'create index ticket_pending on ticket (id) where directory_pending',
  'alter table mail add foreign key (ticket_id) references ticket',
  `create table decision (
         id bigint generated always as identity primary key,
         ticket_id bigint not null references ticket, mail_id bigint references mail,
         at timestamptz not null, trigger text not null, decision jsonb not null)`,
  'create index decision_ticket on decision (ticket_id)',
  `create table event (
         id bigint generated always as identity primary key,
         mail_id bigint references mail, ticket_id bigint references ticket,
         at timestamptz not null default now(), by text not null, what text not null, because text not null)`,
  'create index event_mail on event (mail_id)',
  'create index event_ticket on event (ticket_id)',
  `create table reply (
         id bigint generated always as identity primary key,
         ticket_id bigint not null references ticket, mail_id bigint not null unique references mail,
         kind text not null, mailbox text not null, recipient text not null, partner_key text not null,
         message_id text not null unique, message jsonb not null,
         state text not null check (state in ('intended', 'sending', 'sent', 'held', 'failed')), because text,
         attempts int not null default 0, next_attempt_at timestamptz, sender bigint,
         created_at timestamptz not null, updated_at timestamptz not null default now())`,
  "create index reply_unfinished on reply (id) where state in ('intended', 'sending')",
  'create index reply_ticket on reply (ticket_id)',
  'create index reply_recipient on reply (lower(recipient), created_at)',
  'create index reply_partner on reply (partner_key, kind, created_at)',
  'create table setting (key text primary key, value text not null)',
]);

const notices = inOrder([
  `create table notice (
         id bigint generated always as identity primary key,
         key text not null unique, kind text not null, level text not null, region text not null, mailbox text not null,
         ticket_id bigint references ticket, tickets jsonb not null default '[]', country text,
         recipient text, because text not null,
         addressed boolean not null default false, followed boolean not null default false,
         created_at timestamptz not null)`,
  'create index notice_open on notice (id) where not addressed',
  "create index notice_unfollowed on notice (created_at) where kind = 'escalation' and level = 'lead' and not followed",
  `create table notice_recipient (
         notice_id bigint not null references notice, recipient text not null, reply_id bigint references reply,
         primary key (notice_id, recipient))`,
  'create index notice_recipient_waiting on notice_recipient (recipient) where reply_id is null',
  'create index notice_recipient_reply on notice_recipient (reply_id)',
  // The mail that tells people inside answers no mail and belongs to no single ticket.
  'alter table reply alter ticket_id drop not null, alter mail_id drop not null',
  "alter table reply add check ((ticket_id is null and mail_id is null) = (kind = 'notice'))",
  `alter table ticket add partner_domain text, add escalation text, add escalation_because text,
         add check (escalation in ('wished', 'not-offered', 'told'))`,
  'create index ticket_partner on ticket (partner_domain, created_at)',
  'create index notice_ticket on notice (ticket_id)',
]);

const clock = inOrder([
  // Null until the clock knows the ticket: those of an older ledger are taken up by the clock role.
  'alter table ticket add column calendars jsonb',
  'create index ticket_unclocked on ticket (id) where calendars is null',
  `create table deadline (
         id bigint generated always as identity primary key,
         ticket_id bigint not null references ticket,
         what text not null check (what in ('firstResponse', 'determination', 'resolution')), round int not null,
         started_at timestamptz not null,
         target_hours double precision not null, commitment_hours double precision not null,
         target_at timestamptz not null, commitment_at timestamptz not null, manager_at timestamptz,
         paused_at timestamptz, next_at timestamptz,
         warned_at timestamptz, breached_at timestamptz, escalated_at timestamptz,
         met_at timestamptz, cancelled_at timestamptz,
         unique (ticket_id, what, round))`,
  'create index deadline_next on deadline (next_at) where next_at is not null',
  'create index deadline_open on deadline (commitment_at) where met_at is null and cancelled_at is null',
  `create table pause (
         id bigint generated always as identity primary key,
         ticket_id bigint not null references ticket, reply_id bigint references reply,
         stops jsonb not null, from_at timestamptz not null, until_at timestamptz,
         because text not null, ended_because text,
         check (until_at is null or ended_because is not null))`,
  'create index pause_ticket on pause (ticket_id)',
  'create index pause_open on pause (ticket_id) where until_at is null',
]);

const lateAnswers = inOrder([
  'alter table ticket add column answered_after_resolved timestamptz',
  // A partner that was verified was found by its sender's domain; the others are filled in when they are decided again.
  `update ticket set partner_domain = lower(substring(sender from '[^@]*$'))
       where partner_domain is null and decision->'partner'->>'verified' = 'true'`,
]);

const threads = inOrder([
  // Keys that can be changed take the place of the one secret; that one goes on naming notices.
  `create table thread_key (
         id int primary key, secret text not null,
         created_at timestamptz not null default now(), revoked_at timestamptz)`,
  'create table thread (ticket_id bigint not null references ticket, message_id text not null)',
  // Hashes: a Message-ID may be longer than an ordered index takes.
  'create unique index thread_entry on thread (md5(message_id), ticket_id)',
  `insert into thread (ticket_id, message_id)
       select mail.ticket_id, named.message_id from mail, lateral (
         select mail.parsed->>'messageId' as message_id
         union select mail.parsed->>'inReplyTo'
         union select jsonb_array_elements_text(mail.parsed->'references')) as named
       where mail.ticket_id is not null and named.message_id is not null on conflict do nothing`,
  // What a reply asks for: the same is not asked again.
  'alter table reply add column asks text',
]);

const guards = inOrder([
  `alter table reply
         add column attempted_at timestamptz, add column tried_since timestamptz,
         add column waiting boolean not null default false,
         add column released boolean not null default false,
         add column bounced_at timestamptz, add column bounced_because text`,
  // What left before this step counts for the hour, too.
  "update reply set attempted_at = updated_at where state = 'sent' and updated_at > now() - interval '1 hour'",
  'create index reply_attempted on reply (attempted_at, mailbox) where attempted_at is not null',
  "create index reply_waiting on reply (id) where waiting and state = 'intended'",
  "create index reply_created on reply (created_at) where kind <> 'notice'",
  `create index reply_domain on reply (lower(substring(recipient from '[^@]*$')), created_at) where kind <> 'notice'`,
  `create table suppressed (
         address text primary key, because text not null, reply_id bigint references reply, since timestamptz not null)`,
]);

const attachments = inOrder([
  // The bytes may go before the row: retention and erasure drop them, and what they hashed to stays.
  `alter table original alter column raw drop not null,
         add column sha256 text, add column dropped_at timestamptz, add column dropped_because text`,
  "update original set sha256 = encode(sha256(raw), 'hex')",
  `alter table original alter column sha256 set not null,
         add check ((raw is null) = (dropped_at is not null)), add check ((raw is null) = (dropped_because is not null))`,
  'create index original_kept on original (mail_id) where raw is not null',
  // What was read of each attachment; its bytes are in the original and nowhere else.
  `create table attachment (
         mail_id bigint not null references mail, number int not null, sha256 text not null,
         filename text not null, declared text not null, sniffed text not null, size bigint not null,
         inline boolean not null, role text not null, dangerous text, sender_domain text not null,
         primary key (mail_id, number))`,
  'create index attachment_hash on attachment (sha256)',
  'alter table mail add column texts_dropped_at timestamptz',
  'alter table ticket add column texts_dropped_at timestamptz',
  // That a person's data were erased, when, by whom and why; of the person only a name that says nothing.
  `create table erasure (
         id bigint generated always as identity primary key,
         at timestamptz not null, pseudonym text not null, by text not null, because text not null, counts jsonb not null)`,
]);

const toldBecause = inOrder([
  // Of escalations that were told before nothing is known: they are followed as they were.
  `alter table notice add column passed text check (passed in ('target', 'commitment'))`,
]);

const desk = inOrder([
  // Something about the ticket is not planned yet to be told elsewhere.
  'alter table ticket add column untold boolean not null default true',
  'create index ticket_untold on ticket (id) where untold',
  `create table desk_portal (
         name text primary key, token text, token_expires_at timestamptz, token_credentials text,
         refreshed_at jsonb not null default '[]',
         stopped_until timestamptz, stopped_because text, stopped_credentials text, credits bigint, credits_at timestamptz,
         changes_until timestamptz)`,
  `create table desk_ticket (
         ticket_id bigint primary key references ticket, portal text not null, key text not null unique,
         remote_id text unique, remote_number text, told jsonb not null default '{}', telling jsonb not null default '{}',
         decision_id bigint not null default 0, priority boolean not null default false,
         look_at timestamptz, seen_at timestamptz, closed boolean not null default false, answered_at timestamptz)`,
  'create index desk_ticket_look on desk_ticket (look_at) where look_at is not null',
  // What is to be done in Desk, in this order for each ticket. Refers to what it tells, and holds nothing of it.
  `create table desk_call (
         id bigint generated always as identity primary key,
         ticket_id bigint not null references desk_ticket,
         -- Those of its ticket: what is due is found by them.
         portal text not null, priority boolean not null,
         kind text not null check (kind in ('create', 'update', 'note', 'attachment', 'verify')),
         marker text not null, mail_id bigint references mail,
         decision_id bigint references decision, reply_id bigint references reply,
         state text not null default 'intended' check (state in ('intended', 'sending', 'done', 'failed')),
         because text, attempts int not null default 0, unknowns int not null default 0,
         next_attempt_at timestamptz, attempted_at timestamptz, sender bigint,
         created_at timestamptz not null default now(), updated_at timestamptz not null default now(),
         unique (ticket_id, marker))`,
  "create index desk_call_open on desk_call (ticket_id, id) where state in ('intended', 'sending')",
  // What is due is taken one by one: years of calls that are done must not be read each time, nor a day's that wait.
  "create index desk_call_next on desk_call (portal, id) include (kind) where state = 'intended'",
  "create index desk_call_next_priority on desk_call (portal, id) where state = 'intended' and priority",
  "create index desk_call_sending on desk_call (portal, id) where state = 'sending'",
  "create index desk_call_failed on desk_call (portal, ticket_id) where state = 'failed'",
  'create index desk_ticket_portal on desk_ticket (portal)',
]);

export const migrations: MigrationProvider = {
  getMigrations: async () => ({
    '0001-first': first,
    '0002-notices': notices,
    '0003-clock': clock,
    '0004-late-answers': lateAnswers,
    '0005-threads': threads,
    '0006-guards': guards,
    '0007-attachments': attachments,
    '0008-told-because': toldBecause,
    '0009-desk': desk,
  }),
};
