/** A person in text: every way an address is written is found, other people's are left alone. */
import { describe, expect, it } from 'vitest';
import { addressPattern, namePattern, personOf } from '../../src/pipeline/person.ts';

const jane = personOf('Jane.Doe@Client.EXAMPLE', 'secret');

it('has one pseudonym, which only the secret leads to', () => {
  expect(jane.pseudonym).toMatch(/^erased-[0-9a-f]{16}@erased\.invalid$/);
  expect(personOf('jane.doe@client.example', 'secret')).toEqual(jane);
  expect(personOf('jane.doe@client.example', 'other').pseudonym).not.toBe(jane.pseudonym);
  expect(personOf('jane@müller.example', 's').pseudonym).toBe(personOf('jane@xn--mller-kva.example', 's').pseudonym);
});

describe('the address', () => {
  it.each([
    'jane.doe@client.example',
    'JANE.DOE@CLIENT.EXAMPLE',
    '<jane.doe@client.example>',
    'write to jane.doe@client.example.',
    'mailto:jane.doe%40client.example?subject=x',
    'to=%3Cjane.doe@client.example%3E',
    '&lt;jane.doe&#64;client.example&gt;',
    'jane.doe=40client.example',
    "'jane.doe@client.example'",
    '*jane.doe@client.example*',
    'https://x.example/?to=jane.doe@client.example',
    'jane.doe@client.example.csv',
    'to jane.doe@client.example.Thanks, Bob',
    'こんにちは jane.doe@client.example、',
  ])('is found in %s', (text) => expect(text.replace(addressPattern(jane), 'X')).toMatch(/X/));

  it.each([
    'mary.jane.doe@client.example',
    'maryjane.doe@client.example',
    'jane.doe@client.example.other.example',
    'jane.doe@client.examples',
    'jane.doe@client-example',
    'janeXdoe@client.example',
    'jane.doe@client.example.Other.example',
    'jane.doe@Client.Example.Other',
    'jane.doe@client.example.csv.example',
    ...[..."!#$&'*/=?^`{|}~"].map((sign) => `o${sign}jane.doe@client.example`),
  ])('is not in %s', (text) => expect(text.replace(addressPattern(jane), 'X')).toBe(text));

  it('is found however its domain is written', () => {
    const pattern = addressPattern(personOf('jane@müller.example', 's'));
    expect('jane@xn--mller-kva.example, jane@MÜLLER.example'.replace(pattern, 'X')).toBe('X, X');
  });
});

describe('the name', () => {
  it.each([
    ['Jane Doe', 'Thanks, JANE  DOE.', 'Thanks, X.'],
    ['Jane Doe', 'Jane Doering, Mary-Jane Doe', 'Jane Doering, Mary-X'],
    ['山田太郎', '（山田太郎）です', '（X）です'],
    ["O'Neil (Jane)", "O'Neil (Jane) wrote", 'X wrote'],
    ['Support', 'Support is closed', 'Support is closed'],
    ['not-offered', 'it is not-offered', 'it is not-offered'],
    ['jane@client.example', 'jane@client.example', 'jane@client.example'],
  ])('%s', (name, text, expected) => expect(text.replace(namePattern([name, '']) ?? /(?!)/, 'X')).toBe(expected));
});
