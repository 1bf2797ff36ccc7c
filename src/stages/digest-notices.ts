/** Notices that wait -> one mail to each person concerned, through the outbox (I4, I5). */
import type { Context } from './context.ts';

/** @returns the ids of the outbox rows to send. */
export async function digestNotices(_ctx: Pick<Context, 'db' | 'policy' | 'now' | 'log'>): Promise<number[]> {
  return [];
}
