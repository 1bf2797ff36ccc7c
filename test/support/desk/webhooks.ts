/** Desk's webhooks: a check at creation, then JSON arrays of events, each tried once. */
import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from 'jose';
import type { Actor, DeskEvent, EventType, World } from './types.ts';

/** Zoho waits this long for 200 OK, in milliseconds. */
const PATIENCE = 5_000;
/** Zoho's limit for the fields of a Ticket_Update subscription. */
const MAX_FIELDS = 5;
const KEY_ID = 'desk-double-1';
const JWT_SECONDS = 300;

export type Subscription = {
  /** All of them unless told. */
  readonly events?: readonly EventType[];
  /** Ticket_Update comes only when one of these changed, custom fields by their name: at most five. */
  readonly fields?: readonly string[];
  /** Changes by the API are not told (Zoho: ignoreSourceId). */
  readonly ignoreApi?: boolean;
};

/** `status` null: no answer within five seconds. */
export type Delivery = {
  readonly url: string;
  readonly events: readonly DeskEvent[];
  readonly status: number | null;
};

/** `forged`: signed with a key that is not the published one. `expired`: an hour old. `unsigned`: without the header. */
export type Oddity = { readonly forged?: boolean; readonly expired?: boolean; readonly unsigned?: boolean };

export type Webhooks = {
  /** What /.well-known/jwks.json shows. */
  jwks(): Promise<JSONWebKeySet>;
  readonly deliveries: readonly Delivery[];
  /** Checks `url` with a GET and then a POST. @throws Error unless both are answered with 200 */
  subscribe(url: string, subscription?: Subscription): Promise<void>;
  /** Sends one batch to every subscriber, odd or not, and returns the statuses. */
  send(events: readonly DeskEvent[], oddity?: Oddity): Promise<readonly (number | null)[]>;
  tell(event: DeskEvent, actor: Actor): void;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
  reset(): void;
};

function changed(event: DeskEvent, field: string): boolean {
  const valueIn = (state: Readonly<Record<string, unknown>> = {}) =>
    field.startsWith('cf_') ? (state.cf as Record<string, unknown> | undefined)?.[field] : state[field];
  return JSON.stringify(valueIn(event.payload)) !== JSON.stringify(valueIn(event.prevState));
}

function wanted({ events, fields, ignoreApi }: Subscription, event: DeskEvent, actor: Actor): boolean {
  if (ignoreApi && actor === 'api') return false;
  if (events && !events.includes(event.eventType)) return false;
  return !fields || event.eventType !== 'Ticket_Update' || fields.some((field) => changed(event, field));
}

/** A pair made when it is first needed, which takes a tenth of a second. */
function lazyKeys(): () => ReturnType<typeof generateKeyPair> {
  let keys: ReturnType<typeof generateKeyPair> | undefined;
  return () => {
    keys ??= generateKeyPair('RS256');
    return keys;
  };
}

export function startWebhooks(world: Pick<World, 'now'>): Webhooks {
  const real = lazyKeys();
  const forger = lazyKeys();
  const subscribers = new Map<string, Subscription>();
  const deliveries: Delivery[] = [];
  let underWay: Promise<unknown> = Promise.resolve();

  /** Signs neither the events nor their hash: what they say is not proven. The claims are guessed. */
  const tokenFor = async (orgId: string, { forged, expired }: Oddity): Promise<string> => {
    const { privateKey } = await (forged ? forger() : real());
    const issued = Math.floor(world.now() / 1000) - (expired ? 3_600 : 0);
    return new SignJWT({ orgId, headers: { 'content-type': 'application/json' } })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: KEY_ID })
      .setIssuer('desk.zoho.example')
      .setIssuedAt(issued)
      .setExpirationTime(issued + JWT_SECONDS)
      .sign(privateKey);
  };
  const post = async (url: string, events: readonly DeskEvent[], oddity: Oddity = {}): Promise<number | null> => {
    const headers = new Headers({ 'content-type': 'application/json' });
    if (!oddity.unsigned) headers.set('X-ZDesk-JWT', await tokenFor(events[0]?.orgId ?? '', oddity));
    const request = { method: 'POST', headers, body: JSON.stringify(events), signal: AbortSignal.timeout(PATIENCE) };
    const answer = await fetch(url, request).catch(() => null);
    await answer?.body?.cancel();
    return answer?.status ?? null;
  };
  const deliver = async (url: string, events: readonly DeskEvent[], oddity?: Oddity) => {
    const status = await post(url, events, oddity);
    deliveries.push({ url, events, status });
    return status;
  };

  return {
    async jwks() {
      const { publicKey } = await real();
      return { keys: [{ ...(await exportJWK(publicKey)), kid: KEY_ID, alg: 'RS256', use: 'sig' }] };
    },
    deliveries,
    async subscribe(url, subscription = {}) {
      if ((subscription.fields?.length ?? 0) > MAX_FIELDS) throw new Error(`at most ${MAX_FIELDS} fields`);
      const got = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) }).catch(() => null);
      await got?.body?.cancel();
      if (got?.status !== 200) throw new Error(`the callback answered GET with ${got?.status ?? 'nothing'}, not 200`);
      const posted = await post(url, []);
      if (posted !== 200) throw new Error(`the callback answered POST with ${posted ?? 'nothing'}, not 200`);
      subscribers.set(url, subscription);
    },
    send: (events, oddity) => Promise.all([...subscribers.keys()].map((url) => deliver(url, events, oddity))),
    tell(event, actor) {
      const urls = [...subscribers].filter(([, one]) => wanted(one, event, actor)).map(([url]) => url);
      if (urls.length === 0) return;
      // One after the other, in the order of the changes; what fails is not tried again.
      underWay = underWay.then(() => Promise.all(urls.map((url) => deliver(url, [event]))));
    },
    async settled() {
      for (let last: unknown; last !== underWay; ) {
        last = underWay;
        await underWay;
      }
    },
    reset() {
      subscribers.clear();
      deliveries.length = 0;
    },
  };
}
