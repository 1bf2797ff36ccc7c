/** A severity that was corrected by hand, as a case for policy/cases.yaml. */
import { dump } from 'js-yaml';
import { expect, it } from 'vitest';
import { caseSchema } from '../../src/commands/policy-case.ts';
import { type Corrected, correctionCase } from '../../src/pipeline/decide/correction-case.ts';
import { readYaml } from '../../src/pipeline/words/yaml.ts';
import { enquiry, parsedMail, read } from '../support/decided.ts';

const corrected = (more: Partial<Corrected> = {}): Corrected => ({
  ...{ number: 'P-1042', mailbox: 'eu', arrivedAt: new Date('2026-03-02T09:00:00Z'), before: 'S2' },
  mail: parsedMail({
    subject: 'Totals of ana@client.de',
    text: 'Write to <jane.doe+x@partner.example>, or bob@b.example; thanks',
  }),
  enquiry: enquiry(
    {
      ...{ product: read('Zoho Books'), description: read('Seen by ana@client.de.'), requestType: read('Question') },
      ...{ customerEmail: read('ana@client.de'), superadminEmail: read('owner@client.de'), zoid: read('650000001') },
    },
    'de',
  ),
  override: { severity: 'S3', by: 'Ann', at: '2026-03-02T10:00:00Z', because: 'ann@vendor.example says: a question' },
  ...more,
});

it('says what the rules should have decided, and what they were told', () => {
  expect(correctionCase(corrected())).toEqual({
    name: 'P-1042: S3, not S2 (somebody@client.example says: a question)',
    mailbox: 'eu',
    from: 'somebody@partner.example',
    arrivedAt: '2026-03-02T09:00:00.000Z',
    language: 'de',
    subject: 'Totals of somebody@client.example',
    text: 'Write to <somebody@client.example>, or somebody@client.example; thanks',
    fields: { requestType: 'Question', product: 'Zoho Books', description: 'Seen by somebody@client.example' },
    expect: { severity: 'S3' },
  });
  expect(correctionCase(corrected({ before: null })).name).toMatch(/^P-1042: S3, not none /);
});

it('holds neither addresses nor ids of anybody', () => {
  const text = JSON.stringify(correctionCase(corrected()));
  for (const secret of ['ana@', 'jane', 'bob@', 'ann@', 'owner@', 'client.de', '650000001', 'Ann'])
    expect(text, secret).not.toContain(secret);
});

it('is what policy/cases.yaml takes, as it is printed', () => {
  const [one] = readYaml(dump([correctionCase(corrected())], { lineWidth: 120 })) as unknown[];
  expect(caseSchema.parse(one)).toMatchObject({ expect: { severity: 'S3' }, fields: { product: 'Zoho Books' } });
});
