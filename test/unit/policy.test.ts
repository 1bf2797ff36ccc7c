/** The shipped policy loads, and its hash is of every byte. Mistakes in it: policy-problems.test.ts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { files } from '../../src/policy/schemas.ts';
import { loadPolicy } from '../../src/policy.ts';
import { copyPolicy, LANGUAGE_FILES, SHIPPED_POLICY } from '../support/policy-copy.ts';

const FILES = Object.keys(files);

const policy = loadPolicy(SHIPPED_POLICY);
describe('the shipped policy', () => {
  it('loads, whole and frozen', () => {
    expect(Object.keys(policy).toSorted()).toEqual([...FILES, 'labels', 'hash'].toSorted());
    expect(policy.hash).toMatch(/^[0-9a-f]{16}$/);
    expect(Object.isFrozen(policy.labels.languages.en?.labels.customerEmail)).toBe(true);
    expect(Object.isFrozen(policy.identification.genericDomains)).toBe(true);
  });

  it('tells the support lead in each file what it is and how to try it', () => {
    for (const name of [...FILES, ...LANGUAGE_FILES]) {
      const comment =
        readFileSync(join(SHIPPED_POLICY, `${name}.yaml`), 'utf8')
          .split('\n\n', 1)[0]
          ?.split('\n') ?? [];
      expect(
        comment.every((line) => line.startsWith('# ')),
        name,
      ).toBe(true);
      expect(comment.length, name).toBeGreaterThanOrEqual(2);
      expect(comment.length, name).toBeLessThanOrEqual(5);
      expect(comment.join(' '), name).toMatch(/stops the daemon at its start.*partner-intake policy check/);
    }
  });
});

describe('the hash', () => {
  it('is of the content alone', () => {
    expect(loadPolicy(copyPolicy(LANGUAGE_FILES.map((name) => name.slice('languages/'.length)))).hash).toBe(
      policy.hash,
    );
  });

  it('changes with a single byte of any file, of a comment too', () => {
    const files = [...FILES, 'languages/en', 'languages/ar'];
    const hashes = new Set([loadPolicy(copyPolicy()).hash]);
    for (const name of files) {
      for (const edit of [(source: string) => `${source}\n`, (source: string) => source.replace('# ', '#')]) {
        const folder = copyPolicy();
        const file = join(folder, `${name}.yaml`);
        writeFileSync(file, edit(readFileSync(file, 'utf8')));
        hashes.add(loadPolicy(folder).hash);
      }
    }
    expect(hashes.size).toBe(1 + 2 * files.length);
  });
});
