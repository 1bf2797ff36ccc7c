/** How fresh the directory's answer was: kept on the decision, whether it answers from a file, live, or not at all. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { emptyDirectory, emptyRegister, openDirectory } from '../../src/adapters/directories.ts';
import type { Enquiry } from '../../src/model.ts';
import { loadPolicy } from '../../src/policy.ts';
import type { LicenceDirectory } from '../../src/ports.ts';
import { consult } from '../../src/stages/consult.ts';
import { LICENCES } from '../support/population.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);
const NOW = '2026-03-03T10:00:00.000Z';
const source = { part: 'text', start: 0, end: 0, label: null, language: null } as const;
const enquiry: Enquiry = {
  language: 'en',
  template: true,
  fields: { superadminEmail: { value: 'owner@large.example', confidence: 1, source } },
};

async function freshness(directory: LicenceDirectory, asked = enquiry) {
  const ctx = { policy, directory, partners: emptyRegister, now: () => new Date(NOW) };
  return (await consult(ctx, asked, 'agent@partner.example')).directory.freshness;
}

describe('the age of the directory’s answer', () => {
  it('is that of the file it was read from', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'licences-'));
    try {
      const path = join(folder, 'licences.csv');
      writeFileSync(path, LICENCES);
      utimesSync(path, new Date(NOW), new Date('2026-03-02T10:00:00.000Z'));
      const url = new URL(`csv:${pathToFileURL(path).pathname}`);
      expect(await freshness(openDirectory(url, path))).toEqual({ askedAt: NOW, answeredAt: NOW, ageSeconds: 86_400 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is none where it answers live', async () => {
    expect(await freshness(emptyDirectory)).toEqual({ askedAt: NOW, answeredAt: NOW, ageSeconds: 0 });
  });

  it('never lies in the future', async () => {
    const ahead = { ...emptyDirectory, asOf: () => new Date('2026-03-04T10:00:00Z') };
    expect(await freshness(ahead)).toMatchObject({ ageSeconds: 0 });
  });

  it('is unknown where it did not answer, or was not asked', async () => {
    const down = { ...emptyDirectory, find: () => Promise.reject(new Error('down')) };
    expect(await freshness(down)).toEqual({ askedAt: NOW, answeredAt: null, ageSeconds: null });
    expect(await freshness(emptyDirectory, { ...enquiry, fields: {} })).toEqual({
      askedAt: null,
      answeredAt: null,
      ageSeconds: null,
    });
  });
});
