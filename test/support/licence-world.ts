/** A licence service with two accounts, a directory that asks it, and the time in hand. Call it once at the top of a test file. */
import { afterEach, beforeEach, expect } from 'vitest';
import { createHttpsDirectory, type HttpsOptions } from '../../src/adapters/licences/licences-https.ts';
import type { LookupKey } from '../../src/model.ts';
import type { LicenceDirectory } from '../../src/ports.ts';
import { type LicenceServiceDouble, startLicenceService } from './licence-service.ts';

export const large = {
  ...{ superadminEmail: 'owner@large.example', domain: 'large.example', organisation: 'Large Ltd', zoid: '650000001' },
  ...{ country: 'IN', region: '', service: 'Zoho CRM', zgid: '650000002', zuids: '650000003 650000004' },
  ...{ licences: 120, status: 'active', planCode: 'unknown here' },
};
export const small = {
  ...large,
  superadminEmail: 'owner@small.example',
  domain: 'small.example',
  zoid: '65',
  zuids: '',
  licences: 3,
};
/** Quick enough for a test; the order of magnitude between them is that of production. */
export const LIMITS = {
  ...{
    beginMs: 400,
    wholeMs: 800,
    questionMs: 1_500,
    waitMs: 5_000,
    retries: 2,
    retryMs: 5,
    openMs: [30, 60] as const,
  },
  ...{ failedMs: 0, failuresUntilOpen: 4, mostHoldMs: 120_000 },
};

export const owner = async (
  directory: LicenceDirectory,
  key: LookupKey = 'superadminEmail',
  value = large.superadminEmail,
) => (await directory.find(key, value)).rows.map((row) => row.superadminEmail);

export function licenceWorld() {
  let service: LicenceServiceDouble;
  const world = {
    get service() {
      return service;
    },
    time: 0,
    token: null as string | null,
    open: (options: HttpsOptions = {}): LicenceDirectory =>
      createHttpsDirectory(
        { url: service.url, token: () => world.token },
        { now: () => new Date(world.time), random: () => 0.5, ...options, limits: { ...LIMITS, ...options.limits } },
      ),
    /** What a question that fails says; it has to be temporary, and to hold nothing of what was asked. */
    async failure(directory: LicenceDirectory, value = large.superadminEmail): Promise<string> {
      const error = await directory.find('superadminEmail', value).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ name: 'IntakeError', verdict: 'temporary' });
      const { message } = error as Error;
      expect(message).not.toMatch(/owner|sesame/);
      return message.replaceAll(service.url.href, 'URL');
    },
  };
  beforeEach(async () => {
    service = await startLicenceService([large, small]);
    world.time = Date.parse('2026-03-03T10:00:00Z');
    world.token = 'sesame';
  });
  afterEach(() => service.stop());
  return world;
}
