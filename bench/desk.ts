/**
 * Mails decided into a ledger and brought to a Desk that fails in one call of five, in every way, while answers and changes go on
 * coming in: every ticket, note and file has to be there once. Ends with 1 when one is not.
 * node bench/desk.ts [mails] [seed]
 */

import { WRONG } from '../test/support/deliver-proof.ts';
import { runDesk } from '../test/support/deliver-run.ts';
import { FAULT_KINDS } from '../test/support/desk/faults.ts';

const TIMEOUT_MS = 600_000;
const mails = Number(process.argv[2] ?? 1_000);
const seed = Number(process.argv[3] ?? 1);
/** That the day's credits are used up stops all calls for a second at least: half as often as each of the others. */
const kinds = [...FAULT_KINDS, ...FAULT_KINDS.filter((kind) => kind !== '429-threshold')];
const { proof, ...run } = await runDesk({ mails, processes: 2, seed, kinds, timeout: TIMEOUT_MS });

const say = (what: string, figure: number | string): void => console.log(`${what.padEnd(28)}${figure}`);
say('mails', mails);
say('tickets', proof.tickets);
say('doubled', proof.doubled.length);
say('missing', proof.missing.length);
say('updates out of order', proof.outOfOrder.length + proof.fieldsWrong.length);
say('notes', proof.notes);
say('notes doubled', proof.notesDoubled.length);
say('notes missing', proof.notesMissing.length);
say('files', proof.files);
say('files doubled or missing', proof.filesDoubled.length + proof.filesMissing.length);
say('not done', proof.failed.length);
say('updates', run.updates);
say('calls', run.calls);
say('credits', run.credits);
const faults = Object.values(run.faults).reduce((sum, count) => sum + count, 0);
say('calls that failed', `${faults} (${((100 * faults) / run.calls).toFixed(1)} %)`);
for (const [kind, count] of Object.entries(run.faults).sort()) say(`  ${kind}`, count);
say('too many at once', run.tooMany);
say('seconds until decided', run.decidedSeconds.toFixed(0));
say('seconds', run.seconds.toFixed(0));

const wrong = WRONG.flatMap((name) => proof[name].map((one) => `${name}: ${one}`));
for (const one of wrong.slice(0, 20)) console.log(one);
if (wrong.length > 0 || proof.tickets !== mails || run.tooMany > 0) process.exitCode = 1;
