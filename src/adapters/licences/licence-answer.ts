/** Reads what the licence service answered: nothing of it is believed that does not belong to the question. */
import { z } from 'zod';
import type { Subscription } from '../../model.ts';
import { failed } from './licence-failures.ts';
import type { Question } from './licence-request.ts';
import { jsonLicenceRow } from './licence-row.ts';

/** One account has tens of subscriptions of some hundred bytes: far more is not an answer to the question. */
const MOST_BYTES = 1024 * 1024;
/** Characters of plain text in which a service says "unknown". */
const MOST_WORDS = 200;

/** The whole body as text. @throws IntakeError `temporary` when it is far too much. */
export async function bodyOf(response: Response, name: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    // Leaving the loop cuts the connection.
    if (bytes > MOST_BYTES)
      throw failed('this-question', `LICENCES: ${name} answers with more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Whether a 404 is the service's "unknown": a wrong path, or a proxy, answers 404 with a page. */
export function saysUnknown(type: string | null, body: string): boolean {
  const text = body.trim();
  if (text === '' || jsonIn(text) !== undefined) return true;
  const isPlain = type === null || /^text\/plain\s*(;|$)/i.test(type);
  return isPlain && text.length <= MOST_WORDS && !text.startsWith('<');
}

/** JSON is never undefined: that is what is none. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const answer = z.array(jsonLicenceRow);

/** A service that overlooks the query would give a stranger's account. What was asked and what a row holds is in lower case. */
const HOLDS: Readonly<Record<Question['key'], (row: Subscription, value: string) => boolean>> = {
  superadminEmail: (row, value) => row.superadminEmail === value,
  domain: (row, value) => row.domains.includes(value),
  zuid: (row, value) => row.zuids.includes(value),
  zoid: (row, value) => row.zoid === value,
  zgid: (row, value) => row.zgid === value,
};

/** @throws IntakeError `temporary`, without anything of the question or the answer in it. */
export function rowsIn(body: string, { key, value }: Question, name: string): Subscription[] {
  const json = jsonIn(body);
  if (json === undefined) throw failed('not-the-service', `LICENCES: ${name} answers with something that is not JSON`);
  if (!Array.isArray(json)) throw failed('not-the-service', `LICENCES: ${name} answers with JSON that is not an array`);
  const rows = answer.safeParse(json);
  if (!rows.success) {
    const [issue] = rows.error.issues;
    const [row, ...path] = issue?.path ?? [];
    throw wrongRow(name, Number(row), `${path.join('.') || 'it'}: ${issue?.message}`);
  }
  // A service may give the rows that hold the key, or all those of the account.
  const owners = new Set(rows.data.filter((row) => HOLDS[key](row, value)).map((row) => row.superadminEmail));
  const stranger = rows.data.findIndex((row) => !owners.has(row.superadminEmail));
  if (stranger >= 0) throw wrongRow(name, stranger, `its account does not hold the ${key} that was asked for`);
  return rows.data;
}

const wrongRow = (name: string, row: number, what: string): Error =>
  failed('this-question', `LICENCES: ${name} answers with a row that is wrong: row ${row + 1}: ${what}`);
