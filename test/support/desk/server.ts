/** A Zoho Desk to test against: the accounts server and Desk's API v1 of one data centre, on one port of 127.0.0.1. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAdaptorServer } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type ApiOptions, openApi } from './api.ts';
import { type ByHand, byHand, eventOf, snapshots } from './by-hand.ts';
import { type FaultPlan, play } from './faults.ts';
import { type ClientOptions, DEFAULT_SCOPES, type OauthOptions, startOauth } from './oauth.ts';
import { emptyPortals, openWorld, type PortalOptions } from './portals.ts';
import type { Call, Contact, Portal, TicketSnapshot } from './types.ts';
import { type Delivery, type Oddity, type Subscription, startWebhooks } from './webhooks.ts';

export type DeskOptions = {
  /** One unless told. */
  readonly portals?: readonly PortalOptions[];
  /** One for all portals unless told, with what `scopes` says. */
  readonly clients?: readonly ClientOptions[];
  readonly scopes?: readonly string[];
  readonly oauth?: Partial<OauthOptions>;
  /** Milliseconds until search shows a change. */
  readonly indexLagMs?: number;
  /** Milliseconds that every call takes, within its place among the concurrent ones. */
  readonly latencyMs?: number;
  /** Of the faults `late` and `done-late`. */
  readonly lateMs?: number;
  /** Of the fault `429-threshold`. */
  readonly retryAfterSeconds?: number;
  /** false: as the published schema has it, which sorts lists by createdTime, dueDate and recentThread only. */
  readonly listSortsByModifiedTime?: boolean;
  readonly clock?: () => Date;
};

export type DeskDouble = AsyncDisposable & {
  readonly port: number;
  /** Without a path: accounts and Desk are the same host here. */
  readonly url: string;
  readonly portals: readonly Pick<Portal, 'orgId' | 'departments' | 'fields' | 'limits' | 'edition'>[];
  readonly clients: readonly ClientOptions[];
  /** Every call, oldest first, those to the token endpoint included. */
  readonly calls: readonly Call[];
  /** Of all portals, since the start or the last reset. */
  readonly creditsUsed: number;
  readonly faults: { plan(plan: FaultPlan | null): void };
  readonly byHand: ByHand;
  readonly deliveries: readonly Delivery[];
  tickets(orgId?: string): readonly TicketSnapshot[];
  contacts(orgId?: string): readonly Contact[];
  expireTokens(): void;
  tokensGiven(): number;
  /** A webhook at `url`. @throws Error unless it answers the GET and the POST at creation with 200 */
  subscribe(url: string, subscription?: Subscription): Promise<void>;
  /** Sends one Ticket_Update about `ticketId` (the newest ticket unless told), odd as told; returns the statuses. */
  webhook(oddity?: Oddity & { readonly ticketId?: string }): Promise<readonly (number | null)[]>;
  /** Resolves when no call, late work or delivery is under way any more. */
  settled(): Promise<void>;
  /** Forgets tickets, contacts, calls, credits, faults, webhooks and late work; tokens and settings stay. */
  reset(): void;
  /** @throws Error when the double itself was at fault in a call */
  stop(): Promise<void>;
};

const LATE = 100;

/** The one program that may call, unless a test brings its own. */
const defaultClient = (orgIds: readonly string[], scopes = DEFAULT_SCOPES): ClientOptions => ({
  clientId: '1000.DESKDOUBLE',
  clientSecret: 'not-a-secret',
  refreshToken: '1000.refresh.double',
  orgIds,
  scopes,
});

/** Starts the double on a free port of 127.0.0.1. */
export async function startDeskDouble(options: DeskOptions = {}): Promise<DeskDouble> {
  const { portals = [{}], indexLagMs = 0, latencyMs = 0, lateMs = LATE, retryAfterSeconds = 1 } = options;
  const { listSortsByModifiedTime = true, clock = () => new Date() } = options;
  const webhooks = startWebhooks({ now: () => clock().getTime() });
  const world = openWorld({ portals, indexLagMs, listSortsByModifiedTime, clock, tell: webhooks.tell });
  const clients = options.clients ?? [defaultClient([...world.portals.keys()], options.scopes)];
  const limits = { lifetime: 3600, omitExpiresIn: false, tokensPerTenMinutes: 10, ...options.oauth };
  const oauth = startOauth(world, clients, limits);

  let era = new AbortController();
  let plan: FaultPlan | null = null;
  const calls: Call[] = [];
  const bugs: unknown[] = [];
  const underWay = new Set<Promise<unknown>>();
  const pause = (ms: number) => sleep(ms, undefined, { signal: era.signal });
  const apiOptions: ApiOptions = { pause: () => (latencyMs > 0 ? pause(latencyMs) : null), bug: (e) => bugs.push(e) };
  const api = openApi(world, oauth, webhooks.jwks, apiOptions);

  /** One call with its fault; null: the connection was cut. */
  const handle = async (request: Request, incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { pathname: path, search: query } = new URL(request.url);
    const call: Call = { n: calls.length + 1, method: request.method, path, query, weight: 0, status: 0, fault: null };
    calls.push(call);
    const { n, method } = call;
    const fault = plan?.({ method, path, n }) ?? null;
    call.fault = fault;
    const cut = () => incoming.socket.destroy();
    const gone = async () => {
      if (!outgoing.destroyed) await once(outgoing, 'close', { signal: era.signal });
    };
    const dones: (() => void)[] = [];
    try {
      // Read before a cut may end the connection; a call that is never handled is not read.
      const unread = fault === 'drop-before' || fault === 'hang' || method === 'GET';
      const body = unread ? null : await request.arrayBuffer();
      const copy = new Request(request.url, { method, headers: request.headers, body });
      const work = async () => api.fetch(copy, { call, onDone: (done: () => void) => dones.push(done) });
      const answer = fault
        ? await play(fault, { work, pause, cut, gone }, { lateMs, retryAfterSeconds })
        : await work();
      call.status = answer?.status ?? 0;
      return answer;
    } catch {
      // The client went away while it was read, or the double stops.
      cut();
      return null;
    } finally {
      for (const done of dones) done();
    }
  };
  const server = createAdaptorServer({
    overrideGlobalObjects: false,
    async fetch(request, env) {
      const handled = handle(request, env.incoming as IncomingMessage, env.outgoing as ServerResponse);
      underWay.add(handled);
      const answer = await handled.finally(() => underWay.delete(handled));
      return answer ?? RESPONSE_ALREADY_SENT;
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const settled = async () => {
    while (underWay.size > 0) await Promise.allSettled(underWay);
    await webhooks.settled();
  };
  const stop = async () => {
    era.abort();
    const closed = once(server, 'close');
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
    await Promise.all([closed, settled()]);
    if (bugs.length > 0) throw new AggregateError(bugs, 'the Desk double failed by itself');
  };
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    portals: [...world.portals.values()],
    clients,
    calls,
    get creditsUsed() {
      return calls.reduce((sum, { weight }) => sum + weight, 0);
    },
    faults: {
      plan(next) {
        plan = next;
      },
    },
    byHand: byHand(world),
    deliveries: webhooks.deliveries,
    tickets: (orgId) => snapshots(world, orgId),
    contacts: (orgId) =>
      [...world.portals.values()]
        .filter((portal) => orgId === undefined || portal.orgId === orgId)
        .flatMap((portal) => [...portal.contacts.values()]),
    expireTokens: oauth.expireTokens,
    tokensGiven: oauth.tokensGiven,
    subscribe: webhooks.subscribe,
    webhook({ ticketId = snapshots(world).at(-1)?.id ?? '', ...oddity } = {}) {
      return webhooks.send([eventOf(world, ticketId)], oddity);
    },
    settled,
    reset() {
      era.abort();
      era = new AbortController();
      plan = null;
      calls.length = 0;
      webhooks.reset();
      emptyPortals(world);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
