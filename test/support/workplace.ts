/** Where associates work on tickets, as they see it: the ledger with its commands, or Desk. */
import type { Severity } from '../../src/model.ts';
import type { Context } from '../../src/stages/context.ts';
import type { Environment } from './daemon.ts';
import type { Arrived } from './intake-world.ts';

/** One ticket. */
export type Shown = {
  readonly superadminEmail: string | null;
  readonly priorityCustomer: boolean;
  readonly severity: string | null;
  readonly service: string | null;
  readonly closed: boolean;
  /** Why it was decided as it is, and what each later decision changed: one text for each thing that is told. */
  readonly why: readonly string[];
  /** What came with its mails, logos left out; `opens`: the file itself is there to be opened. */
  readonly files: readonly { readonly name: string; readonly opens: boolean }[];
};

/** What a person does. Each resolves when it is in force. */
export type Hands = {
  /** Fills the primary address. @returns what the person is told when it is not taken, or where that can be read */
  fill(number: string, address: string): Promise<string>;
  rate(number: string, severity: Severity): Promise<void>;
  /** Two people at once: one fills the primary address, one changes the severity. */
  fillAndRate(number: string, address: string, severity: Severity): Promise<void>;
  /** Changes the severity while what comes from elsewhere is still on its way here. */
  rateMeanwhile(number: string, severity: Severity, work: () => Promise<unknown>): Promise<void>;
  close(number: string): Promise<void>;
  reopen(number: string): Promise<void>;
  answer(number: string): Promise<void>;
};

export type Workplace = Hands & {
  /** For commands. */
  readonly env: Environment;
  readonly ctx: Pick<Context, 'db' | 'policy' | 'now'>;
  arrive(id: string, raw: string): Promise<Arrived>;
  /** @throws Error unless it is there exactly once */
  shown(number: string): Promise<Shown>;
  /** How often the ticket shows this mail. */
  timesShown(number: string, mail: { readonly id: string; readonly text: string }): Promise<number>;
  /** Does once more what was done already: nothing may come of it. */
  again(): Promise<void>;
  end(): Promise<void>;
};
