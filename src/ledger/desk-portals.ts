/** What all processes know of each Desk portal: its token, when it may be called again, how much of the day is left. */
import { sql } from 'kysely';
import type { MailboxName } from '../model.ts';
import type { PortalMemory, PortalState } from '../ports.ts';
import type { Db, Tables } from './schema.ts';

const KEPT_REFRESHES = 10;

/** The ledger's memory of one portal. A change locks its row: the other processes wait until it is done. */
export function openPortalMemory(db: Db, name: MailboxName): PortalMemory {
  const row = () => db.selectFrom('desk_portal').selectAll().where('name', '=', name);
  return {
    read: async () => stateOf(await row().executeTakeFirst()),
    change: (change) =>
      db.transaction().execute(async (tx) => {
        await sql`insert into desk_portal (name) values (${name}) on conflict do nothing`.execute(tx);
        const held = await tx
          .selectFrom('desk_portal')
          .selectAll()
          .where('name', '=', name)
          .forUpdate()
          .executeTakeFirstOrThrow();
        const { state, result } = await change(stateOf(held));
        await tx
          .updateTable('desk_portal')
          .set({
            token: state.token?.value ?? null,
            token_expires_at: state.token?.expiresAt ?? null,
            token_credentials: state.token?.credentials ?? null,
            refreshed_at: JSON.stringify(state.refreshedAt.slice(-KEPT_REFRESHES)),
            stopped_until: state.stopped?.until ?? null,
            stopped_because: state.stopped?.because ?? null,
            stopped_credentials: state.stopped?.credentials ?? null,
            credits: state.remaining?.credits ?? null,
            credits_at: state.remaining?.at ?? null,
          })
          .where('name', '=', name)
          .execute();
        return result;
      }),
  };
}

type Row = Omit<{ [K in keyof Tables['desk_portal']]: unknown }, 'name' | 'changes_until'>;

function stateOf(row: Row | undefined): PortalState {
  if (!row) return { token: null, refreshedAt: [], stopped: null, remaining: null };
  const { token, token_credentials, stopped_until, stopped_because, credits, credits_at } = row;
  const mark = row.stopped_credentials === null ? null : String(row.stopped_credentials);
  return {
    token:
      token === null
        ? null
        : { value: String(token), expiresAt: row.token_expires_at as Date, credentials: String(token_credentials) },
    refreshedAt: (row.refreshed_at as string[]).map((at) => new Date(at)),
    stopped:
      stopped_until === null
        ? null
        : { until: stopped_until as Date, because: String(stopped_because), credentials: mark },
    remaining: credits === null ? null : { credits: Number(credits), at: credits_at as Date },
  };
}

/** Up to when changes made in the portal are known; null when none was asked for yet. */
export async function changesKnownUntil(db: Db, name: MailboxName): Promise<Date | null> {
  const row = await db.selectFrom('desk_portal').select('changes_until').where('name', '=', name).executeTakeFirst();
  return row?.changes_until ?? null;
}

/** Remembers it; it never goes back. */
export async function knowChangesUntil(db: Db, name: MailboxName, until: Date): Promise<void> {
  await sql`
    insert into desk_portal (name, changes_until) values (${name}, ${until})
    on conflict (name) do update set changes_until = greatest(desk_portal.changes_until, excluded.changes_until)`.execute(
    db,
  );
}
