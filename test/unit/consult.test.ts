/** How fresh the directory's answer was: kept on the decision, whether it answers from a file, live, or not at all. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyDirectory, emptyRegister, openDirectory } from '../../src/adapters/licences/directories.ts';
import { IntakeError } from '../../src/errors.ts';
import type { Enquiry, LookupKey } from '../../src/model.ts';
import { identify } from '../../src/pipeline/decide/identify.ts';
import { loadPolicy } from '../../src/policy.ts';
import type { LicenceDirectory } from '../../src/ports.ts';
import { consult } from '../../src/stages/consult.ts';
import type { Context } from '../../src/stages/context.ts';
import { enquiryOf, field, row } from '../support/accounts.ts';
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
      expect(await freshness(openDirectory([{ kind: 'csv', path }]))).toEqual({
        askedAt: NOW,
        answeredAt: NOW,
        ageSeconds: 86_400,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is none where it answers live', async () => {
    expect(await freshness(emptyDirectory)).toEqual({ askedAt: NOW, answeredAt: NOW, ageSeconds: 0 });
  });

  it('never lies in the future', async () => {
    const ahead = { ...emptyDirectory, find: async () => ({ rows: [], asOf: new Date('2026-03-04T10:00:00Z') }) };
    expect(await freshness(ahead)).toMatchObject({ ageSeconds: 0 });
  });

  it('is that of the oldest of several answers', async () => {
    const ages = [new Date('2026-03-03T09:58:00Z'), null];
    const mixed: LicenceDirectory = { ...emptyDirectory, find: async () => ({ rows: [], asOf: ages.shift() ?? null }) };
    const customerEmail = { value: 'user@small.example', confidence: 1, source };
    const asked = { ...enquiry, fields: { ...enquiry.fields, customerEmail } };
    expect(await freshness(mixed, asked)).toEqual({ askedAt: NOW, answeredAt: NOW, ageSeconds: 120 });
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

describe('when one question of several fails', () => {
  const { superadminEmail, customerEmail } = {
    superadminEmail: 'owner@large.example',
    customerEmail: 'user@large.example',
  };
  /** Knows one account by these keys, and fails at those. */
  const partly = (knows: readonly LookupKey[], failing: readonly LookupKey[]): LicenceDirectory => ({
    ...emptyDirectory,
    find: async (key) => {
      if (failing.includes(key)) throw new IntakeError('temporary', 'down', `${key} is down`);
      return { rows: knows.includes(key) ? [row({ superadminEmail })] : [], asOf: null };
    },
  });
  const asked = enquiryOf({
    superadminEmail: field(superadminEmail),
    customerEmail: field(customerEmail),
    zuid: field('650456410'),
  });
  async function outcome(knows: readonly LookupKey[], failing: readonly LookupKey[], enquiry = asked) {
    const causes: unknown[] = [];
    const log = { warn: (fields: { cause: string }) => causes.push(fields.cause) } as unknown as Context['log'];
    const ctx = { policy, directory: partly(knows, failing), partners: emptyRegister, now: () => new Date(NOW), log };
    const { directory } = await consult(ctx, enquiry, 'agent@partner.example');
    const { account, tags } = identify(enquiry, directory, policy);
    return { reachable: directory.reachable, matchedBy: account?.matchedBy ?? null, tags, causes };
  }

  it.each<[knows: LookupKey[], failing: LookupKey[], matchedBy: LookupKey]>([
    [['superadminEmail'], ['domain'], 'superadminEmail'],
    [['superadminEmail', 'domain'], ['customerEmail', 'zuid'], 'superadminEmail'],
    [['customerEmail'], ['domain', 'zuid'], 'customerEmail'],
  ])('%j known and %j failing is decided, and said', async (knows, failing, matchedBy) => {
    expect(await outcome(knows, failing)).toMatchObject({
      reachable: true,
      matchedBy,
      causes: [`${failing[0]} is down`],
    });
  });

  it.each<[knows: LookupKey[], failing: LookupKey[], why: string]>([
    [[], ['zuid'], 'nobody is unknown because one failed'],
    [['customerEmail', 'domain'], ['superadminEmail'], 'the super admin counts before the customer'],
    [['domain'], ['zuid'], 'an id outweighs a domain'],
    [['zuid'], ['domain'], 'a domain of another account is a conflict'],
  ])('%j known and %j failing is not: %s', async (knows, failing) => {
    expect(await outcome(knows, failing)).toMatchObject({
      reachable: false,
      matchedBy: null,
      tags: ['directory-unreachable'],
    });
  });

  it('what an associate set is waited for: it may name another account', async () => {
    const byHand = { ...asked, fields: { ...asked.fields, zuid: field('650456410', true) } };
    expect(await outcome(['superadminEmail'], ['zuid'], byHand)).toMatchObject({ reachable: false });
    expect(await outcome(['superadminEmail'], ['domain'], byHand)).toMatchObject({ reachable: true });
  });
});
