/** Unit tests first, then the integration tests, which start servers on free ports; as many files at a time as keep two cores busy. */
import { defineConfig } from 'vitest/config';

const ONE_MINUTE = 60_000;
const integration = (name: string): string => `test/integration/${name}.test.ts`;
const CONSERVATION = [integration('conservation')];
/** What starts and kills whole programs, or waits out limits: as long together as all the others. */
const LONG = [
  ...['clock-processes', 'outages', 'postgres-embedded-survives', 'replay', 'roles', 'storms'],
  ...['conversation-desk', 'deliver-budget', 'deliver-faults', 'deliver-killed', 'desk-webhooks'],
  ...['licences-down', 'mail-oauth', 'policy-try', 'reader-pool'],
].map(integration);

export default defineConfig({
  test: {
    environment: 'node',
    pool: 'forks',
    testTimeout: ONE_MINUTE,
    hookTimeout: ONE_MINUTE,
    teardownTimeout: ONE_MINUTE,
    maxWorkers: 2,
    reporters: ['default'],
    globalSetup: 'test/support/leak-check.ts',
    projects: [
      // Pure functions: the files of a worker share what they import.
      {
        extends: true,
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], isolate: false, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: [...CONSERVATION, ...LONG],
          // They wait for servers half of the time.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      { extends: true, test: { name: 'long', include: LONG, maxWorkers: 3, sequence: { groupOrder: 2 } } },
      // Keeps both cores busy by itself.
      { extends: true, test: { name: 'conservation', include: CONSERVATION, sequence: { groupOrder: 3 } } },
    ],
  },
});
