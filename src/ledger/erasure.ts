/** Takes a person's data out of the ledger. Keys, states, hashes, times and counts stay; a pseudonym stands where the address stood. */
import { sql } from 'kysely';
import { unfinishedInDesk } from './erasure-desk.ts';
import { record } from './events.ts';
import type { Tx } from './schema.ts';
import { columnsWithText, replaceText, type TextColumn } from './text-columns.ts';
import { isAbout, withoutHistory, withoutLetter, withoutName, withoutStory, withoutTexts } from './texts.ts';
import { ticketNumber } from './tickets.ts';

/** Names the one advisory lock of erasures. */
const LOCK = 'partner-intake erasure';

/** A person as text is searched for them. */
export type Sought = {
  readonly addresses: readonly string[];
  readonly pseudonym: string;
  /** Whether and where a text names the address. */
  readonly address: RegExp;
};

/** Where a person occurs: what they wrote, what mentions them, and the tickets of what they wrote. */
export type Traces = {
  readonly own: readonly number[];
  readonly mentioned: readonly number[];
  readonly tickets: readonly number[];
  /** Tickets of others that name them, in a mail or in a field. */
  readonly naming: readonly number[];
  /** As their mails say them. */
  readonly names: readonly string[];
  /** What is not finished and would go on with half of its data: in words. */
  readonly unfinished: readonly string[];
};

export const lockErasure = (tx: Tx) =>
  sql`select pg_advisory_xact_lock(hashtextextended(${LOCK}, 0))`.execute(tx).then(() => undefined);

/**
 * Finds a person. Originals are searched as they are stored; what other people's attachments hold is not.
 * @param deskSince tickets made since then are brought to Desk; null where all stay here
 */
export async function tracesOf(tx: Tx, sought: Sought, deskSince: Date | null): Promise<Traces> {
  const { rows: written } = await sql<{ id: number; name: string | null }>`
    select id, parsed->'from'->>'name' as name from mail
    where lower(parsed->'from'->>'address') = any(${[...sought.addresses]}) order by id for update`.execute(tx);
  const own = written.map(({ id }) => id);
  const mentioned = await mentioning(tx, sought, own);
  const { rows: tickets } = await sql<{ id: number }>`
    select id from ticket where lower(sender) = any(${[...sought.addresses]})
    union select ticket_id from mail where id = any(${own}::bigint[]) and ticket_id is not null order by 1`.execute(tx);
  const ids = tickets.map(({ id }) => id);
  const naming = await othersNaming(tx, sought, mentioned, ids);
  return {
    ...{ own, mentioned, tickets: ids, naming },
    names: await withoutWords(
      tx,
      ids,
      written.map(({ name }) => name ?? ''),
    ),
    unfinished: [
      ...(await unfinished(tx, sought, [...own, ...mentioned], ids)),
      ...(await unfinishedInDesk(tx, [...ids, ...naming], deskSince)),
    ],
  };
}

/** Whose the ticket is wrote of them, or somebody set their address. */
async function othersNaming(
  tx: Tx,
  sought: Sought,
  mails: readonly number[],
  own: readonly number[],
): Promise<number[]> {
  const parts = sought.addresses.map((one) => like(one.slice(0, one.lastIndexOf('@'))));
  const { rows } = await sql<{ id: number; wrote: boolean; text: string }>`
    select * from (
      select id, id in (select ticket_id from mail where id = any(${[...mails]}::bigint[])) as wrote, ${namedOnTicket} as text
      from ticket where id <> all(${[...own]}::bigint[])) as other
    where wrote or lower(text) like any(${parts}::text[]) order by id`.execute(tx);
  return rows.flatMap(({ id, wrote, text }) => (wrote || names(sought, text) ? [id] : []));
}

const namedOnTicket = sql`concat_ws(' ', superadmin_email,
  enquiry->'fields'->'superadminEmail'->>'value', enquiry->'fields'->'customerEmail'->>'value')`;

/** The names that are not what other people's tickets call a product, a service or a type of request: "Technical Support". */
async function withoutWords(tx: Tx, tickets: readonly number[], names: readonly string[]): Promise<string[]> {
  const folded = names.map((name) => name.trim().toLowerCase());
  const { rows } = await sql<{ word: string }>`
    select distinct lower(word) as word from ticket cross join lateral (values
      (enquiry->'fields'->'product'->>'value'), (enquiry->'fields'->'requestType'->>'value'),
      (decision->'account'->>'service'), (decision->'partner'->>'name')) as said(word)
    where id <> all(${[...tickets]}::bigint[]) and lower(word) = any(${folded}::text[])`.execute(tx);
  const words = new Set(rows.map(({ word }) => word));
  return names.filter((_, index) => !words.has(folded[index] ?? ''));
}

/** Mails of others in whose reading or original the address stands. */
async function mentioning(tx: Tx, sought: Sought, own: readonly number[]): Promise<number[]> {
  const found: number[] = [];
  // The local part alone finds every way of writing the rest, and more: each is looked at.
  const parts = sought.addresses.map((one) => one.slice(0, one.lastIndexOf('@')));
  const { rows } = await sql<{ id: number }>`
    select mail.id from mail left join original on original.mail_id = mail.id
    where mail.id <> all(${[...own]}::bigint[]) and (
      lower(mail.parsed::text) like any(${parts.map(like)}::text[]) or lower(encode(original.raw, 'escape')) like any(${parts.map(likeInBytes)}::text[]))
    order by mail.id`.execute(tx);
  for (const { id } of rows) {
    const { rows: texts } = await sql<{ parsed: string | null; raw: Buffer | null }>`
      select mail.parsed::text as parsed, original.raw from mail left join original on original.mail_id = mail.id
      where mail.id = ${id}`.execute(tx);
    const [mail] = texts;
    // Escapes of JSON end in letters, which would seem to belong to an address behind them.
    const parsed = mail?.parsed?.replace(/\\(?:u[0-9a-f]{4}|.)/gi, ' ') ?? '';
    if (names(sought, parsed) || names(sought, mail?.raw?.toString('utf8') ?? '')) found.push(id);
  }
  return found;
}

const names = ({ address }: Sought, text: string): boolean => text.search(address) !== -1;
const like = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;
/** As PostgreSQL writes bytes: what is not ASCII in octal. */
const likeInBytes = (text: string): string =>
  like(
    [...Buffer.from(text)].map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\${byte.toString(8)}`)).join(''),
  );

async function unfinished(
  tx: Tx,
  sought: Sought,
  mails: readonly number[],
  tickets: readonly number[],
): Promise<string[]> {
  const { rows } = await sql<{ id: number; state: string }>`
    select id, state from mail where id = any(${[...mails]}::bigint[])
    and state in ('received', 'parsed', 'quarantined') order by id`.execute(tx);
  const { rows: replies } = await sql<{ id: number; state: string; text: string }>`
    select id, state, recipient || ' ' || (message - 'html')::text as text from reply
    where state in ('intended', 'sending', 'held') order by id`.execute(tx);
  const { rows: open } = await sql<{ id: number; mine: boolean; text: string }>`
    select id, id = any(${[...tickets]}::bigint[]) as mine, ${namedOnTicket} as text
    from ticket where status <> 'resolved' order by id`.execute(tx);
  const { rows: notices } = await sql<{ id: number }>`
    select notice_id as id from notice_recipient
    where reply_id is null and lower(recipient) = any(${[...sought.addresses]}) order by 1`.execute(tx);
  return [
    ...notices.map(({ id }) => `notice ${id} is to be mailed to them (wait for the daemon)`),
    // Also another's: it would be decided again without what they wrote, or without the account that their address led to.
    ...open
      .filter(({ mine, text }) => mine || names(sought, text))
      .map(
        ({ id, mine }) =>
          `ticket ${ticketNumber(id)} is open${mine ? '' : ' and names them'} (partner-intake mark ${ticketNumber(id)} resolved)`,
      ),
    ...rows.map(({ id, state }) =>
      state === 'quarantined'
        ? `mail ${id} is in quarantine (partner-intake quarantine release ${id}, or drop ${id})`
        : `mail ${id} is not decided yet (wait for the daemon)`,
    ),
    ...replies
      .filter(({ text }) => names(sought, text))
      .map(({ id, state }) =>
        state === 'held'
          ? `mail ${id} to them is held (partner-intake outbound release ${id}, or drop ${id})`
          : `mail ${id} to them is on its way (wait for the daemon)`,
      ),
  ];
}

export type Counts = {
  readonly mails: number;
  readonly originals: number;
  readonly attachments: number;
  readonly tickets: number;
  readonly letters: number;
  /** Further places where the address or a name stood. */
  readonly places: number;
};

/** Erases what `traces` found; what is erased already is not counted again. */
export async function erase(
  tx: Tx,
  sought: Sought,
  { own, mentioned, tickets }: Traces,
  name: RegExp | null,
  now: Date,
): Promise<Counts> {
  const [mine, theirs, on] = [[...own], [...mentioned], [...tickets]];
  const count = async (query: ReturnType<typeof sql>): Promise<number> =>
    Number((await query.execute(tx)).numAffectedRows ?? 0);
  const onTickets = sql`(select id from mail where ticket_id = any(${on}::bigint[]))`;
  const originals = await count(sql`
    update original set raw = null, dropped_at = ${now}::timestamptz, dropped_because = 'erasure'
    where raw is not null and (mail_id = any(${[...mine, ...theirs]}::bigint[]) or mail_id in ${onTickets})`);
  const attachments = await count(sql`
    update attachment set filename = '', dangerous = ${withoutName(sql`dangerous`)}
    where (filename <> '' or dangerous <> ${withoutName(sql`dangerous`)}) and (mail_id = any(${mine}::bigint[]) or mail_id in ${onTickets})`);
  const mails = await count(sql`
    update mail set texts_dropped_at = ${now}::timestamptz,
      parsed = ${withoutTexts(sql`parsed`)} || '{"replyTo":null}'::jsonb, enquiry = ${withoutStory(sql`enquiry`)}
    where id = any(${mine}::bigint[])`);
  // Answers of others quote what the person wrote.
  await sql`
    update mail set parsed = ${withoutHistory(sql`parsed`)}
    where ticket_id = any(${on}::bigint[]) and id <> all(${mine}::bigint[])`.execute(tx);
  const stories = await count(sql`
    update ticket set texts_dropped_at = ${now}::timestamptz, subject = '', directory_pending = false, enquiry = ${withoutStory(sql`enquiry`)}
    where lower(sender) = any(${[...sought.addresses]})`);
  const letters = await count(sql`
    update reply set message = ${withoutLetter(sql`message`)}
    where message->>'text' <> '' and state in ('sent', 'failed') and (
      ticket_id = any(${on}::bigint[]) or lower(recipient) = any(${[...sought.addresses]})
      or id in (select reply_id from notice_recipient join notice on notice.id = notice_id where ${isAbout(sql`${on}::bigint[]`)}))`);
  const places = await replaceEverywhere(tx, sought, name, on, mine);
  return { mails, originals, attachments, tickets: stories, letters, places };
}

/** The address in every text of every table, whatever tables there will be; a name in what belongs to the person's tickets. */
async function replaceEverywhere(
  tx: Tx,
  sought: Sought,
  name: RegExp | null,
  tickets: readonly number[],
  mails: readonly number[],
): Promise<number> {
  const local = sought.addresses.map((one) => like(one.slice(0, one.lastIndexOf('@'))));
  let places = 0;
  for (const column of await columnsWithText(tx)) {
    const holding = sql`lower(${column.asText}) like any(${local}::text[])`;
    places += await replaceText(tx, column, holding, (text) => text.replace(sought.address, sought.pseudonym));
    const belongs = name && mayHoldProse(column) ? ownedBy(column, tickets, mails) : null;
    if (name && belongs)
      places += await replaceText(tx, column, belongs, (text, keys) =>
        column.isJson && !PROSE_KEYS.test(keys) ? text : text.replace(name, ERASED_NAME),
      );
  }
  return places;
}

const ERASED_NAME = '[erased]';
/** Where sentences stand, in which a name is looked for; elsewhere it would be a word of ours: a kind, a product, a region. */
const PROSE_COLUMNS = /because$|^(?:subject|filename|dangerous)$/;
const PROSE_KEYS =
  /(?:^|\.)(?:text|html|quoted|subject|filename|dangerous|diagnostic|\w*because)$|(?:^|\.)from\.name$|(?:^|\.)(?:description|troubleshooting)\.value$/i;
const mayHoldProse = ({ isJson, name }: TextColumn): boolean => isJson || PROSE_COLUMNS.test(name);

/** The rows of a column's table that belong to these tickets or mails; null when its rows belong to none. */
function ownedBy({ table, keys }: TextColumn, tickets: readonly number[], mails: readonly number[]) {
  const among = (key: string, ids: readonly number[]) => sql`${sql.ref(key)} = any(${[...ids]}::bigint[])`;
  const owned = [
    ...(keys.includes('ticket_id') ? [among('ticket_id', tickets)] : []),
    ...(keys.includes('mail_id') ? [among('mail_id', mails)] : []),
    ...(table === 'ticket' ? [among('id', tickets)] : []),
    ...(table === 'mail' ? [among('id', mails)] : []),
    ...(table === 'notice' ? [isAbout(sql`${[...tickets]}::bigint[]`)] : []),
  ];
  return owned.length === 0 ? null : sql`(${sql.join(owned, sql` or `)})`;
}

export type Erased = {
  readonly pseudonym: string;
  readonly by: string;
  readonly because: string;
  readonly counts: Counts;
};

/** Writes down that it was done, in the ledger and in the history of each ticket and mail it touched. */
export async function noteErasure(tx: Tx, traces: Traces, erased: Erased, now: Date): Promise<void> {
  await tx
    .insertInto('erasure')
    .values({ ...erased, at: now, counts: JSON.stringify(erased.counts) })
    .execute();
  const { rows } = await sql<{ id: number }>`
    select id from mail where id = any(${[...traces.own]}::bigint[]) and ticket_id is null order by id`.execute(tx);
  const what = {
    by: 'associate' as const,
    what: 'personal data erased',
    because: `${erased.pseudonym}: ${erased.because}`,
  };
  await record(tx, [
    ...traces.tickets.map((ticketId) => ({ ticketId, ...what })),
    ...rows.map(({ id }) => ({ mailId: id, ...what })),
  ]);
}

/** When this person was erased before, and how often. */
export async function erasuresOf(tx: Tx, pseudonym: string): Promise<Date[]> {
  const rows = await tx.selectFrom('erasure').select('at').where('pseudonym', '=', pseudonym).orderBy('id').execute();
  return rows.map(({ at }) => at);
}
