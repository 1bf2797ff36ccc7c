import { readFile } from 'node:fs/promises';
import { createReaderPool } from '../adapters/reader-pool.ts';
import { readConfig } from '../config.ts';
import { messageOf, UserError } from '../errors.ts';
import type { Decision, Enquiry, MailboxName, ParsedMail } from '../model.ts';
import { openDirectories } from '../open-stores.ts';
import { type ClassifyInput, classify } from '../pipeline/decide/classify.ts';
import { loadPolicy, type Policy } from '../policy.ts';
import { type ConsultContext, consult } from '../stages/consult.ts';
import { say, sayJson } from './support.ts';

/** Files read ahead of the one that is printed next. */
const AHEAD = 8;

export type Inspection = { readonly mail: ParsedMail; readonly enquiry: Enquiry; readonly decision: Decision };

/** `inspect [--json] FILE…`: what the daemon would make of each mail, in the order given, with no side effect. */
export async function inspect(files: readonly string[], options: { json?: boolean }): Promise<void> {
  const config = readConfig(process.env);
  const policy = loadPolicy(config.policyDir);
  const consulted: ConsultContext = { policy, ...openDirectories(config), now: () => new Date() };
  const pool = createReaderPool({ policy });
  const inspectFile = async (file: string): Promise<Inspection | UserError> => {
    try {
      const reading = await pool.read(await bytesOf(file));
      return { ...reading, decision: classify(await inputFor(consulted, reading), policy) };
    } catch (error) {
      return new UserError(`${file}: ${messageOf(error)}`);
    }
  };
  try {
    const failures: UserError[] = [];
    const queue = files.slice(0, AHEAD).map(inspectFile);
    for (const [index, file] of files.entries()) {
      const result = await (queue.shift() as ReturnType<typeof inspectFile>);
      const next = files[index + AHEAD];
      if (next !== undefined) queue.push(inspectFile(next));
      if (result instanceof UserError) failures.push(result);
      else if (options.json) sayJson({ file, ...publicView(result) });
      else say(readable(file, result));
    }
    if (failures.length > 0) throw new UserError(failures.map((failure) => failure.message).join('\n'));
  } finally {
    await pool.close();
  }
}

/** A file's bytes; those of standard input for "-". */
export async function bytesOf(file: string): Promise<Buffer> {
  if (file !== '-') return await readFile(file);
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** What the rules are given for a mail from a file: it arrives now. */
export async function inputFor(
  ctx: ConsultContext,
  { mail, enquiry }: Omit<Inspection, 'decision'>,
): Promise<ClassifyInput> {
  const consultation = await consult(ctx, enquiry, mail.from.address);
  return { mail, enquiry, mailbox: mailboxOf(mail, ctx.policy), arrivedAt: ctx.now(), ...consultation };
}

/** The inbox a mail was written to, by its recipients; a file has no other. */
export function mailboxOf(mail: Pick<ParsedMail, 'to' | 'cc'>, policy: Policy): MailboxName {
  const eu = policy.mailboxes.mailboxes.eu.address.toLowerCase();
  return [...mail.to, ...mail.cc].some((address) => address.toLowerCase() === eu) ? 'eu' : 'com';
}

/** The inspection as INTERFACES describes it. */
export function publicView({ mail, enquiry, decision }: Inspection) {
  const { messageId, from, to, subject, date, kind, degraded, text, quoted, attachments } = mail;
  const { language, template, fields } = enquiry;
  return {
    mail: { messageId, from, to, subject, date, kind, degraded, text, quoted, attachments },
    enquiry: { language, template, fields },
    decision,
  };
}

function readable(file: string, { mail, enquiry, decision }: Inspection): string {
  const lines = [
    `${file}`,
    `  ${mail.kind}${mail.degraded ? ` (degraded: ${mail.degradedBecause})` : ''}: ${mail.subject}`,
    `  from ${mail.from.address}, language ${enquiry.language}, ${enquiry.template ? 'template' : 'free text'}, ${mail.attachments.length} attachments`,
    ...Object.entries(enquiry.fields).map(
      ([field, { value, confidence, source }]) =>
        `    ${field}: ${value.replace(/\s+/g, ' ')}  (${confidence}, ${source.part} ${source.start}-${source.end}${source.label ? `, "${source.label}"` : ''})`,
    ),
    `  severity ${decision.severity ?? 'none'}${decision.provisional ? ' (provisional)' : ''}${decision.priorityCustomer ? ', priority customer' : ''}, ${decision.requestNature}, region ${decision.region}, reply ${decision.reply ?? 'none'}`,
    ...decision.reasons.map((reason) => `    ${reason.rule}: ${reason.because}`),
  ];
  return `${lines.join('\n')}\n`;
}
