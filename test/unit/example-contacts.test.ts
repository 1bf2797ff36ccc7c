/** The contacts of the shipped policy are real people: no demo, example or test can write to them. */
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { exampleContacts, withExampleContacts } from '../../src/commands/example-contacts.ts';
import { loadPolicy } from '../../src/policy.ts';
import { startDaemon } from '../support/daemon.ts';
import { quickPolicy } from '../support/quick-policy.ts';

const SHIPPED = join(import.meta.dirname, '../../policy');
const addressesIn = (policy: string): string[] =>
  Object.values(loadPolicy(policy).escalation.contacts).flatMap((lists) =>
    Object.values(lists).flatMap((people) => people.map((one) => (typeof one === 'string' ? one : one.email))),
  );

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'contacts-'));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

it('the shipped policy names people who exist: what follows is not for nothing', () =>
  expect(addressesIn(SHIPPED).filter((address) => !address.endsWith('.example'))).not.toEqual([]));

it.each([
  ['the demo', (into: string) => withExampleContacts(SHIPPED, join(into, 'policy'))],
  ['every daemon of a test', (into: string) => quickPolicy(into)],
])(
  '%s has contacts that cannot exist, as many as the shipped policy, and no real one in a comment',
  async (_, make) => {
    const made = await make(await folder());
    const addresses = addressesIn(made);
    expect(addresses).toHaveLength(addressesIn(SHIPPED).length);
    expect(addresses.filter((address) => !address.endsWith('@escalation.example'))).toEqual([]);
    expect(await readFile(join(made, 'escalation.yaml'), 'utf8')).not.toContain('zohocorp');
  },
);

it('one person stays one person', () =>
  expect(exampleContacts('[a@x.com, { email: b@x.com }] # a@x.com')).toBe(
    '[contact-1@escalation.example, { email: contact-2@escalation.example }] # contact-1@escalation.example',
  ));

it('the demo and the bench take no other policy', () => {
  const source = (path: string): string => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');
  expect(source('src/commands/demo.ts')).toMatch(/POLICY_DIR: await withExampleContacts\(/);
  expect(source('test/support/world.ts')).toMatch(/POLICY_DIR: await quickPolicy\(/);
});

it('a test cannot start a daemon that would know real people', () => {
  expect(() => startDaemon({})).toThrow('POLICY_DIR');
  expect(() => startDaemon({ POLICY_DIR: SHIPPED })).toThrow('names people who may exist');
});
