/** Tickets with all that there is to tell: a file, an answer, what an associate sets; made in the ledger, for Desk to follow. */
import { decideAgain } from '../../src/stages/decide-again.ts';
import { settableField } from '../../src/stages/set-field.ts';
import type { DeskWorld } from './desk-world.ts';
import { LARGE, type Letter, letter } from './letters.ts';
import { type File, withFiles } from './mails-with-files.ts';

type Ticketing = Pick<DeskWorld, 'ctx' | 'arrive'>;

/** A letter with a file of its own. */
export function letterWithFile(of: Letter, name = 'report.txt'): string {
  const file: File = { name, type: 'text/plain', bytes: Buffer.from(`what ${of.id} says\n`.repeat(20)) };
  return withFiles(of, [file]);
}

/** What an associate does: fills the address of a ticket. */
export async function setSuperadmin({ ctx }: Pick<DeskWorld, 'ctx'>, number: string, address = LARGE): Promise<void> {
  const hand = { by: 'an associate', at: ctx.now(), because: null };
  await decideAgain(ctx, {
    ticketId: Number(number.slice('P-'.length)),
    trigger: 'set',
    by: 'associate',
    because: `the super admin was set to ${address}`,
    ...settableField('superadmin')(address, hand, ctx.policy),
  });
}

export const SENDER = 'Agent Smith <agent@reseller.example>';

/** The `n`th ticket: some have a file, and what they say of the customer differs. */
export async function newTicket(world: Ticketing, n: number): Promise<string> {
  const says = (['nothing', 'note', 'ask', 'unknown'] as const)[n % 4];
  const of: Letter = { id: `load-${n}@desk.example`, from: SENDER, ...(says ? { says } : {}) };
  return (await world.arrive(of.id, n % 5 === 0 ? letterWithFile(of) : letter(of))).number;
}

/** The partner writes once more about the `n`th ticket. */
export async function answered(world: Ticketing, n: number, number: string): Promise<void> {
  const to = `<load-${n}@desk.example>`;
  const given = { id: `load-${n}-answer@desk.example`, from: SENDER, subject: `Re: Request load-${n}@desk.example` };
  const lines = ['One more thing: it happens in every browser.'];
  const raw = letter({ ...given, headers: [`In-Reply-To: ${to}`, `References: ${to}`], lines });
  const { number: appended } = await world.arrive(given.id, raw);
  if (appended !== number) throw new Error(`the answer to ${number} became ${appended}`);
}

/** What is new about the `n`th ticket after a while: for every third one something is set, for every fourth an answer comes. */
export async function goOn(world: Ticketing, n: number, number: string): Promise<void> {
  if (n % 3 === 0) await setSuperadmin(world, number, n % 2 === 0 ? 'owner@small.example' : 'owner@found.example');
  if (n % 4 === 1) await answered(world, n, number);
}
