/** The whole labelled set: the generated mails, the ones written by hand, and the ones written by people who had not seen the program. */
import type { Expected, LabelledCase } from './case.ts';
import { generate } from './generate.ts';
import { readData } from './words.ts';

type Written = Pick<LabelledCase, 'id' | 'language' | 'subject' | 'expect'> & Partial<LabelledCase>;

/** Files of mails that were written, not generated. */
export const HAND_WRITTEN = ['written', 'strangers-a', 'strangers-b', 'strangers-c', 'written-more'];

export function loadLabelled(): LabelledCase[] {
  return [...generate(), ...HAND_WRITTEN.flatMap(written)];
}

/** The mails of one file; what is not said of one is filled in. The file's name stands for their layout. */
function written(file: string): LabelledCase[] {
  return readData<Written[]>(`${file}.yaml`).map((mail, index) => ({
    encoding: (['8bit', 'quoted-printable', 'base64'] as const)[index % 3] ?? '8bit',
    otherSpelling: [],
    second: false,
    ...mail,
    expect: asText(mail.expect),
    raw: asText(mail.raw ?? {}),
    layout: file,
  }));
}

/** Ids without quotes are numbers to YAML. */
function asText(expected: Expected): Expected {
  return Object.fromEntries(Object.entries(expected).map(([field, value]) => [field, String(value)]));
}
