/** The whole labelled set: the generated mails and the ones written by hand. */
import type { LabelledCase } from './case.ts';
import { generate } from './generate.ts';
import { readData } from './words.ts';

type Written = Pick<LabelledCase, 'id' | 'language' | 'subject' | 'expect'> & Partial<LabelledCase>;

export function loadLabelled(): LabelledCase[] {
  const written = readData<Written[]>('written.yaml');
  return [
    ...generate(),
    ...written.map((mail, index) => ({
      layout: 'written',
      encoding: (['8bit', 'quoted-printable', 'base64'] as const)[index % 3] ?? '8bit',
      raw: {},
      unseen: [],
      second: false,
      ...mail,
    })),
  ];
}
