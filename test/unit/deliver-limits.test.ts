/** Which files are brought to Desk; the figures of policy/desk.yaml: see test/support/desk-behaviour.ts. */
import { expect, it } from 'vitest';
import { whyLeftOut } from '../../src/pipeline/deliver/limits.ts';

const MEGABYTE = 1024 * 1024;
it.each([
  [{ dangerous: null, size: 2 * MEGABYTE, kept: true }, null],
  [{ dangerous: null, size: 2 * MEGABYTE + 1, kept: true }, 'it is larger than 2 MB'],
  [{ dangerous: null, size: 1, kept: false }, 'it was dropped'],
  [{ dangerous: 'a program', size: 9 * MEGABYTE, kept: false }, 'a program'],
])('%j is left out: %s', (file, why) => expect(whyLeftOut(file, { attachmentMegabytes: 2 })).toBe(why));
