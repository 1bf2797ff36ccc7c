/** The signed token of an answer: which ticket it proves, and all that proves nothing. */
import { describe, expect, it } from 'vitest';
import { isForwarded, keepsSubject, quotedNumbers, withoutPrefixes } from '../../src/pipeline/reply/subject-prefix.ts';
import { keysNamed, readToken, replyAddress, replyMessageId } from '../../src/pipeline/reply/thread.ts';

const NOW = new Date('2026-03-02T09:00:00Z');
const later = (days: number): Date => new Date(NOW.getTime() + days * 86_400_000);
const old = { id: '1', secret: 'first secret' };
const key = { id: '2a', secret: 'second secret' };
const keys = new Map([old, key].map((one) => [one.id, one]));
const PRINT = 'ab12cd34ef56ab78ffff';
const messageId = (ticket = 1042, by = key) => replyMessageId(by, ticket, PRINT, 'vendor.example', NOW);
const address = (ticket = 1042, by = key) => replyAddress(by, ticket, 'partner-support@vendor.example', NOW);
const tagOf = (full: string) => full.slice(full.indexOf('+') + 1, full.indexOf('@'));
const read = (messageId: string, now = NOW, known = keys) => readToken({ messageId }, known, { now, days: 180 });
const readTag = (tag: string, now = NOW) => readToken({ tag }, keys, { now, days: 180 });

describe('a signed token', () => {
  it('is the same for the same reply, and read back', () => {
    expect(messageId()).toBe(messageId());
    expect(messageId()).toMatch(/^<pi\.2a\.1042\.[0-9a-z]+\.ab12cd34ef56ab78\.[0-9a-f]{24}@vendor\.example>$/);
    expect(read(messageId())).toEqual({ ticketId: 1042, state: 'valid', from: 'reference' });
    expect(readTag(tagOf(address()))).toEqual({ ticketId: 1042, state: 'valid', from: 'address' });
  });

  it('fits into an address, and survives a mail server that writes it in capitals', () => {
    const full = replyAddress({ id: 'zzz', secret: 's' }, 999_999_999_999, 'partner-support@vendor.example', NOW);
    expect(full.indexOf('@')).toBeLessThanOrEqual(64);
    expect(readTag(tagOf(address()).toUpperCase())?.state).toBe('valid');
    expect(read(messageId().toUpperCase())?.state).toBe('valid');
  });

  it('holds after its key was followed by another, not after it was revoked', () => {
    expect(read(messageId(7, old))?.state).toBe('valid');
    expect(read(messageId(7, old), NOW, new Map([[key.id, key]]))?.state).toBe('forged');
    expect(
      keysNamed([{ messageId: messageId(7, old) }, { messageId: '<other@x.example>' }, { tag: tagOf(address()) }]),
    ).toEqual(['1', '2a']);
  });

  it('ends: the last day it holds, and the day after', () => {
    expect(read(messageId(), later(180))?.state).toBe('valid');
    expect(read(messageId(), later(181))?.state).toBe('expired');
    expect(readTag(tagOf(address()), later(181))?.state).toBe('expired');
  });

  const changed: [what: string, id: string][] = [
    ['another ticket', messageId().replace('.1042.', '.1043.')],
    ['another day', messageId().replace(/(\.1042\.)\w+/, '$1zzz')],
    ['another mail', messageId().replace('ab12cd34ef56ab78', 'ab12cd34ef56ab79')],
    ['another key', messageId().replace('pi.2a.', 'pi.1.')],
    ['an unknown key', messageId().replace('pi.2a.', 'pi.9.')],
    ['a cut signature', messageId().replace(/[0-9a-f]{4}@/, '@')],
    ['no signature', messageId().replace(/[0-9a-f]{24}@/, '@')],
    ['a flipped signature', messageId().replace(/.@/, (end) => (end[0] === '0' ? '1@' : '0@'))],
  ];
  it.each(changed)('with %s is forged', (_, id) => {
    expect(read(id)?.state).toBe('forged');
  });

  it('of an address does not do as a reference, nor the other way round', () => {
    const signature = tagOf(address()).split('-').at(-1);
    expect(read(messageId().replace(/[0-9a-f]{24}@/, `${signature}@`))?.state).toBe('forged');
  });
});

describe('the subject of an answer', () => {
  it.each([
    'Re: Wrong totals [P-7]',
    'AW: WG: Wrong totals',
    'RE[2]: wrong TOTALS',
    '[EXTERNAL] Re: Wrong totals',
    'EXT: Antwort: Wrong totals',
    '{External} Odpowiedź: Wrong totals',
    '[External Sender - be careful with links] Re: Wrong totals',
    'Re: Wrong tot...',
    '回复：Wrong totals',
    'Trả lời: Wrong totals',
    'رد: Wrong totals',
    'Re:',
    '',
    'something else [P-7]',
  ])('"%s" keeps that of its ticket', (subject) => {
    expect(keepsSubject(subject, { subject: 'Wrong totals', number: 'P-7' })).toBe(true);
  });

  it.each(['Re: Another matter', 'Wrong', 'Re: Wrong totals in Books since Monday', 'P-7 and P-8'])(
    '"%s" is another',
    (subject) => {
      expect(keepsSubject(subject, { subject: 'Wrong totals', number: 'P-7' })).toBe(false);
    },
  );

  it('may be cut by a mail program', () => {
    const subject = 'Invoices of March cannot be sent to customers abroad';
    expect(keepsSubject('Re: Invoices of March cannot be sen', { subject, number: 'P-7' })).toBe(true);
  });

  it.each([
    'Fwd: x',
    'FW: x',
    'WG: x',
    'TR: x',
    'RV: x',
    'Enc: x',
    'VB: x',
    'PD: x',
    'İLT: x',
    '转发：x',
    '転送: x',
    '전달: x',
    'Chuyển tiếp: x',
    'ส่งต่อ: x',
    'إعادة توجيه: x',
    '[EXT] Fwd: x',
    '[SPAM][EXT] Fwd: x',
    'EXTERNAL: FW: x',
    'Weitergeleitet: x',
    'Podaj dalej: x',
  ])('"%s" is a forward', (subject) => {
    expect(isForwarded(subject)).toBe(true);
    expect(withoutPrefixes(subject)).toBe('x');
  });
  it.each(['Re: Fwd: x', 'AW: WG: x', 'Forward planning', 'x'])('"%s" is none', (subject) => {
    expect(isForwarded(subject)).toBe(false);
  });

  it.each([
    ['Re: x [P-1042]', ['P-1042']],
    ['about P-1042', ['P-1042']],
    ['Re: HP P-2055 prints nothing [p- 1001]', ['P-1001', 'P-2055']],
    ['non-breaking: P\u20111042', ['P-1042']],
    ['HP-1042 printer', []],
    ['P-1042b', []],
    ['nothing', []],
  ])('"%s" quotes %s', (subject, numbers) => {
    expect(quotedNumbers(subject)).toEqual(numbers);
  });
});
