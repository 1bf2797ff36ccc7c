/** LICENCES: one source or several, and the exact line for each thing that is wrong with it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'licences-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Env = Record<string, string>;
const TOKEN = { LICENCES_TOKEN: 'sesame' };
const shown = (env: Env) =>
  readConfig(env).licences?.map((one) => (one.kind === 'csv' ? one.path : `${one.url.href} ${one.token()}`));
const problems = (env: Env): string[] => {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
};

const A = resolve('a.csv');
const SERVICE = 'https://licences.vendor.example/v1/find';

describe('sources, in the order in which they are asked', () => {
  it.each<[value: string, sources: string[]]>([
    ['csv:a.csv', [A]],
    [SERVICE, [`${SERVICE} sesame`]],
    [`csv:a.csv,${SERVICE}`, [A, `${SERVICE} sesame`]],
    [`csv:a.csv, ${SERVICE}`, [A, `${SERVICE} sesame`]],
    [`csv:a.csv ${SERVICE},`, [A, `${SERVICE} sesame`]],
    [`${SERVICE}\n  csv:a.csv\n`, [`${SERVICE} sesame`, A]],
    ['csv:/data/a,b.csv', ['/data/a,b.csv']],
    ['csv:/data/a%2Cb.csv,csv:/data/c d.csv', ['/data/a,b.csv', '/data/c d.csv']],
    ['csv:/data/a%2Ccsv:b.csv', ['/data/a,csv:b.csv']],
    [`${SERVICE}?tenant=7`, [`${SERVICE}?tenant=7 sesame`]],
    ['http://127.0.0.1:8080/find', ['http://127.0.0.1:8080/find sesame']],
    ['http://[::1]:8080/find', ['http://[::1]:8080/find sesame']],
  ])('%j', (value, sources) => expect(shown({ LICENCES: value, ...TOKEN })).toEqual(sources));

  it('a service on this machine may do without a token', () => {
    expect(shown({ LICENCES: 'http://localhost:1/' })).toEqual(['http://localhost:1/ null']);
  });
});

describe('the token', () => {
  it('comes from a file, which weighs more, and is read anew each time', () => {
    const file = join(folder, 'token');
    writeFileSync(file, 'first\n');
    const [source] = readConfig({ LICENCES: SERVICE, LICENCES_TOKEN_FILE: file, ...TOKEN }).licences ?? [];
    const token = () => (source?.kind === 'https' ? source.token() : undefined);
    expect(token()).toBe('first');
    writeFileSync(file, 'second\r\n');
    expect(token()).toBe('second');
  });
});

describe('one wrong thing is one line', () => {
  const HINT =
    'LICENCES: is not an address that can be used here: write it as csv:PATH or https://host/path, or both with a comma between them, in the order in which to ask';
  const absent = '/nowhere/token';
  it.each<[env: Env, line: string]>([
    [{ LICENCES: 'licences.vendor.example' }, HINT],
    [{ LICENCES: `csv:a.csv,ftp://vendor.example/x` }, HINT],
    [{ LICENCES: 'csv:, https://vendor.example' }, HINT],
    [{ LICENCES: 'https://' }, HINT],
    [
      { LICENCES: 'http://licences.vendor.example/', ...TOKEN },
      'LICENCES: http:// is for this machine only: the token would cross the network readable: write https://',
    ],
    [
      { LICENCES: 'http://127.0.0.1.vendor.example/', ...TOKEN },
      'LICENCES: http:// is for this machine only: the token would cross the network readable: write https://',
    ],
    [
      { LICENCES: 'https://ana:hunter2@vendor.example/', ...TOKEN },
      'LICENCES: takes no user or password in the address: set LICENCES_TOKEN',
    ],
    [{ LICENCES: SERVICE }, 'LICENCES_TOKEN: is not set: set it, or LICENCES_TOKEN_FILE to a file that holds it'],
    [
      { LICENCES: SERVICE, LICENCES_TOKEN_FILE: absent },
      `LICENCES_TOKEN_FILE: cannot be read: ENOENT: no such file or directory, open '${absent}'`,
    ],
    [
      { LICENCES: SERVICE, LICENCES_TOKEN: 'two words' },
      'LICENCES_TOKEN: holds what no token does (spaces, line ends or other characters)',
    ],
  ])('%j', (env, line) => expect(problems(env)).toEqual([line]));
});
