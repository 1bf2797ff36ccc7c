/** The mail that tells people inside: whole, escaped, and never longer than it may be. */
import { expect, it } from 'vitest';
import type { NoticeStory } from '../../src/notice-model.ts';
import { composeNotice, type NoticeInput } from '../../src/pipeline/notice/notice.ts';

const NOW = new Date('2026-03-04T12:00:00Z');
const region = { name: 'India', zone: 'Asia/Kolkata' };
const regions = Object.fromEntries(
  ['anz', 'apac-japan', 'india', 'mea', 'europe-uk', 'usa-latam', 'canada-brazil'].map((name) => [name, region]),
) as Record<'india', typeof region> as never;
const policyOf = (mostLines: number) => ({ regions: { regions }, escalation: { digest: { mostLines } } });

const story = (number: string, over: Partial<NoticeStory> = {}): NoticeStory => ({
  ...{ number, subject: `Subject of ${number}`, sender: 'agent@reseller.example', region: 'india', status: 'open' },
  ...{ partner: { name: 'Reseller', tier: 'premium' }, severity: 'S1', priorityCustomer: true, provisional: false },
  requestNature: 'incident',
  reasons: [
    { rule: 'identification.zuid', because: 'not about severity' },
    { rule: 'regions.india.licences', because: '120 >= 100' },
  ],
  deadlines: [
    { what: 'firstResponse', commitment: new Date('2026-03-04T09:55:00Z'), met: null, paused: false },
    { what: 'determination', commitment: new Date('2026-03-04T14:30:00Z'), met: null, paused: false },
  ],
  history: [{ at: '2026-03-04T06:55:00.000Z', by: 'daemon', what: 'ticket made', because: 'S1' }],
  ...over,
});
const notice = (number: string, over: Partial<NoticeInput> = {}): NoticeInput => ({
  ...{ kind: 'breach', level: 'lead', region: 'india', because: 'first response missed', related: [] },
  story: story(number),
  ...over,
});

it('tells the whole story of a ticket', () => {
  const { subject, text } = composeNotice([notice('P-1001')], policyOf(100), NOW);
  expect(subject).toBe('Partner support: 1 breach (P-1001)');
  expect(text.split('\n').slice(2, -3)).toEqual([
    'P-1001 S1 Subject of P-1001',
    '  Commitment missed (told as lead): first response missed',
    '  Partner: Reseller (premium), agent@reseller.example; India',
    '  Severity: S1, Priority Customer - Large User Account, incident, because 120 >= 100',
    '  First response: due 2026-03-04 15:25 Asia/Kolkata, missed by 2 h 5 min',
    '  Problem determination: due 2026-03-04 20:00 Asia/Kolkata, in 2 h 30 min',
    '  History:',
    '  2026-03-04 06:55 UTC daemon: ticket made (S1)',
    '  Look it up: partner-intake ticket P-1001, or /tickets/P-1001 in the console (open)',
  ]);
});

it.each([
  [{ met: new Date('2026-03-04T10:00:00Z') }, 'done 5 min late'],
  [{ met: new Date('2026-03-04T09:00:00Z') }, 'done in time'],
  [{ paused: true }, 'missed by 2 h 5 min, now waiting for the partner'],
  [{ paused: true, commitment: new Date('2026-03-05T00:00:00Z') }, 'waiting for the partner'],
  [{ commitment: new Date('2026-03-01T11:00:00Z') }, 'missed by 3 d 1 h'],
])('says what became of a deadline: %j', (over, words) => {
  const due = {
    what: 'firstResponse' as const,
    commitment: new Date('2026-03-04T09:55:00Z'),
    met: null,
    paused: false,
  };
  const told = notice('P-1', { story: story('P-1', { deadlines: [{ ...due, ...over }] }) });
  expect(composeNotice([told], policyOf(100), NOW).text).toContain(`Asia/Kolkata, ${words}\n`);
});

it('several of one ticket are one block; the subject counts them all', () => {
  const escalation = notice('P-1', { kind: 'escalation', because: 'the partner says so' });
  const { subject, text } = composeNotice([notice('P-1'), escalation, notice('P-2')], policyOf(100), NOW);
  expect(subject).toBe('Partner support: 2 breaches, 1 escalation (P-1, P-2)');
  expect(text.match(/^P-\d/gm)).toHaveLength(2);
  expect(text).toContain('The partner escalates (told as lead): the partner says so');
});

it("a stranger's words stay words: no markup, no header, no link, no change of direction", () => {
  const evil = story('P-1', {
    subject: '<img src=x onerror=alert(1)>\r\nBcc: a@b.example\u202e & https://evil.example/login',
    sender: '"><script>@x.example',
    partner: { name: '<b>Bold</b>', tier: 'premium' },
    history: [{ at: '2026-03-04T06:55:00.000Z', by: 'partner', what: 'answered', because: '</ul><h1>x' }],
  });
  const { subject, text, html } = composeNotice(
    [notice('P-1', { story: evil, because: 'a\nb <i>' })],
    policyOf(100),
    NOW,
  );
  for (const out of [subject, text, html]) expect(out).not.toMatch(/evil\.example|\u202e|^Bcc:/m);
  expect(subject).not.toMatch(/[\r\n]/);
  expect(html).not.toMatch(/<(img|script|b|i|h1)\b/);
  expect(html).toContain('&lt;img src=x onerror=alert(1)&gt; Bcc: a@b.example');
  expect(text).toContain('told as lead): a b <i>\n');
});

it('is no longer than the policy lets it be, and names every ticket that did not fit', () => {
  const many = Array.from({ length: 50 }, (_, index) => notice(`P-${index + 1}`));
  const { subject, text } = composeNotice(many, policyOf(60), NOW);
  expect(subject).toBe('Partner support: 50 breaches (P-1, P-2, P-3, P-4, P-5, P-6 and 44 more)');
  expect(text.split('\n').length).toBeLessThanOrEqual(60);
  const shown = text.match(/^P-\d+/gm) ?? [];
  expect(shown.length).toBeGreaterThan(2);
  const rest = Array.from({ length: 50 - shown.length }, (_, index) => `P-${shown.length + index + 1}`).join(', ');
  expect(text).toContain(`Not shown for want of space: ${rest}.`);
});

it('one that is about no ticket, or about many, says so with a list', () => {
  const related = Array.from({ length: 25 }, (_, index) => story(`P-${index}`, { severity: null }));
  const { text } = composeNotice(
    [notice('', { kind: 'standstill', story: null, related, because: 'stood still' })],
    policyOf(100),
    NOW,
  );
  expect(text).toContain(
    'India: after a standstill of the clock\n  After a standstill of the clock (told as lead): stood still\n',
  );
  expect(text).toContain('  P-0 - Subject of P-0\n');
  expect(text).toContain('  and 5 more\n');
});
