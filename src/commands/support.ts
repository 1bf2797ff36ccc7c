/** What most commands share: the configuration, the ledger for as long as it is needed, and lines on standard output. */

import { type Config, readConfig } from '../config.ts';
import { UsageError, UserError } from '../errors.ts';
import type { Ledger } from '../ledger/open.ts';
import { ticketId, ticketNumber } from '../ledger/tickets.ts';
import { openConfiguredLedger } from '../open-stores.ts';

/** Mail is a stranger's text: what would steer a terminal or turn a line around is not printed. */
const plain = (text: string): string => text.replace(/[^\P{C}\n]/gu, ' ');

/** Prints a line for people. */
export const say = (line: string): void => void process.stdout.write(`${plain(line)}\n`);
/** Prints a value for programs, on one line, as it is. */
export const sayJson = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

/** Runs `work` with the ledger open, whether the daemon runs beside it or not. */
export async function withLedger<T>(work: (ledger: Ledger, config: Config) => Promise<T>): Promise<T> {
  const config = readConfig(process.env);
  await using resources = new AsyncDisposableStack();
  const ledger = await openConfiguredLedger(config, resources);
  return await work(ledger, config);
}

/** @throws UsageError when it is no ticket number. */
export function parseTicketNumber(number: string): number {
  const id = ticketId(number);
  if (id === undefined) throw new UsageError(`"${number}" is no ticket number: write it as P-1042`);
  return id;
}

export const noSuchTicket = (id: number): UserError =>
  new UserError(`there is no ticket ${ticketNumber(id)}: partner-intake tickets lists them`);
