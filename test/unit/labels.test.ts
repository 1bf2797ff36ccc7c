import { describe, expect, it } from 'vitest';
import { matchLabel } from '../../src/pipeline/extract/labels.ts';
import { fold, foldCompact, foldWords } from '../../src/pipeline/words/fold.ts';
import { editDistance } from '../../src/pipeline/words/near-miss.ts';
import { readingOf } from '../../src/pipeline/words/reading.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(new URL('../../policy', import.meta.url).pathname);
const { labels } = readingOf(policy);

describe('folding', () => {
  it.each([
    ['Descrição do Problema/Pergunta', 'descricao do problema pergunta'],
    ['Địa chỉ email', 'dia chi email'],
    ['ＺＯＩＤ　１２３', 'zoid 123'],
    ['\u202aSuper\u200b-Admin\u202c', 'super admin'],
    ["d'écran — l’œuvre", 'd ecran l oeuvre'],
    ['معرِّف المؤسسـة', 'معرف الموسسه'],
    ['٧٦٠', '760'],
    ['Straße', 'strasse'],
  ])('%s', (text, expected) => {
    expect(fold(text)).toBe(expected);
    expect(fold(expected)).toBe(expected);
  });

  it('knows where each word stood', () => {
    const text = '  «É-mail»\u200f: ';
    expect(foldWords(text).map((word) => text.slice(word.start, word.end))).toEqual(['É', 'mail']);
    expect(foldCompact(text)).toBe('email');
  });
});

describe('labels', () => {
  it.each([
    ['Customer email address: x', 'customerEmail', 'x'],
    ['1. Customer email address - x', 'customerEmail', 'x'],
    ['(2) Customer E-Mail Address – x', 'customerEmail', 'x'],
    ['a) Customer email address = x', 'customerEmail', 'x'],
    ['• *Customer email address*: x', 'customerEmail', 'x'],
    ['| Customer email address | x |', 'customerEmail', 'x |'],
    ['Customer email address (required) : x', 'customerEmail', 'x'],
    ['SuperAdmin Email Address of the Account: x', 'superadminEmail', 'x'],
    ['Super admin: x', 'superadminEmail', 'x'],
    ['ZUID: 1', 'zuid', '1'],
    ['ZGID: 1', 'zgid', '1'],
    ['ZUID 650771204', 'zuid', '650771204'],
    ['Super admin <ann@client.example>', 'superadminEmail', 'ann@client.example>'],
    ['Reproducible? Yes or No (Elaborate)', 'reproducible', ''],
    ['Are you able to reproduce the issue? Yes', 'reproducible', 'Yes'],
    ['Are you able to reproduce the issue? Yes or No (Elaborate) Yes', 'reproducible', 'Yes'],
    ['Description of the issue/question', 'description', ''],
    ['Screenshots/screencast, if relevant: attached', 'screenshots', 'attached'],
    ['\u202bاسم منتج Zoho\u202c： x', 'product', 'x'],
  ])('%s', (line, field, value) => {
    const match = matchLabel(labels, line);
    expect(match?.field).toBe(field);
    expect(line.slice(match?.valueAt)).toBe(value);
    expect(match?.exact).toBe(true);
  });

  it.each([
    'Customer email address changed yesterday',
    'Description-based search fails',
    'The product name: wrong',
    'Productive: yes',
    '10:30 meeting',
    '',
    ':::::',
  ])('none: %s', (line) => {
    expect(matchLabel(labels, line)).toBeNull();
  });

  it('the longest wins, in the language asked for first', () => {
    expect(matchLabel(labels, 'Customer Primary Email Address: x')?.field).toBe('superadminEmail');
    expect(matchLabel(labels, 'ZOID: 1', 'fr')?.language).toBe('fr');
  });

  it('misspelt only in front of a separator, and never from one id to another', () => {
    expect(matchLabel(labels, 'Custommer emial adress: x')).toMatchObject({ field: 'customerEmail', exact: false });
    expect(matchLabel(labels, 'Custommer emial adress')).toBeNull();
    expect(matchLabel(labels, 'ZUID of the organizattion: 1')?.field).not.toBe('zoid');
  });
});

it('edit distance', () => {
  expect(editDistance('product', 'prodcut', 2)).toBe(1);
  expect(editDistance('product', 'produkt', 2)).toBe(1);
  expect(editDistance('product', 'product', 2)).toBe(0);
  expect(editDistance('product', 'poduckt', 2)).toBe(2);
  expect(editDistance('product', 'service', 2)).toBe(3);
});
