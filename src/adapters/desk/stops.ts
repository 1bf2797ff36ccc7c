/** Stops of a portal: whose credentials they are about, and which of two counts. */
import { createHmac } from 'node:crypto';
import type { PortalState } from '../../ports.ts';
import type { Credentials } from './oauth.ts';

type Stop = NonNullable<PortalState['stopped']>;

/** Tells credentials apart, and nothing of them: what was refused or given to others says nothing about ours. */
export const markOf = ({ accounts, clientId, clientSecret, refreshToken }: Credentials): string =>
  createHmac('sha256', clientSecret).update(`${accounts}\0${clientId}\0${refreshToken}`).digest('hex');

/** What stops whoever has these credentials; null: nothing. */
export function stopFor({ stopped }: PortalState, mark: string, now: Date): Stop | null {
  if (!stopped || stopped.until <= now) return null;
  return stopped.credentials === null || stopped.credentials === mark ? stopped : null;
}

/** With one more stop. One that lasts longer is kept: it is as true as before. */
export function withStop(state: PortalState, stop: Stop, mark: string, now: Date): PortalState {
  const before = stopFor(state, mark, now);
  return before && before.until >= stop.until ? state : { ...state, stopped: stop };
}
