import { UserError } from '../errors.ts';
import { traceOf } from '../ledger/events.ts';
import { say, withLedger } from './support.ts';

/** `trace MESSAGE-ID`: every step one mail took. */
export async function trace(messageId: string): Promise<void> {
  const wanted = messageId.startsWith('<') ? messageId : `<${messageId}>`;
  await withLedger(async ({ db }) => {
    const steps = await traceOf(db, wanted);
    if (steps.length === 0) throw new UserError(`no mail with the Message-ID ${wanted} is in the ledger`);
    for (const step of steps) say(`${step.at}  mail ${step.mailId}  ${step.by}: ${step.what} (${step.because})`);
  });
}
