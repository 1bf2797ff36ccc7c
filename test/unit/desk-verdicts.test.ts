/** What refusals of Desk mean. */
import { describe, expect, it } from 'vitest';
import { stoppedUntil } from '../../src/adapters/desk/budget.ts';
import { refused } from '../../src/adapters/desk/errors.ts';
import { namesOf } from '../../src/adapters/desk/names.ts';

const names = namesOf({ name: 'com', orgId: '4711' });
const body = (errorCode: string, errors?: object[]) =>
  JSON.stringify({ errorCode, message: 'the value secret@partner.example is invalid', ...(errors ? { errors } : {}) });

function refusal(status: number, text: string, makes = true, fillsIn = true) {
  const call = { what: 'the ticket', scope: 'Desk.tickets.CREATE', makes, fillsIn };
  return refused(call, { status, headers: new Headers(), text }, names, () => 0.5);
}

describe('a refusal', () => {
  it.each([
    // Status, code, and the verdict on a call that makes something and on one that may be repeated.
    [400, 'INVALID_DATA', 'permanent', 'permanent', 'desk-refused'],
    [404, 'URL_NOT_FOUND', 'permanent', 'permanent', 'desk-not-found'],
    [413, 'RESOURCE_SIZE_EXCEEDED', 'permanent', 'permanent', 'desk-refused'],
    [413, null, 'permanent', 'permanent', 'desk-refused'],
    [415, 'UNSUPPORTED_MEDIA_TYPE', 'permanent', 'permanent', 'desk-refused'],
    [422, 'INVALID_DATA', 'permanent', 'permanent', 'desk-refused'],
    [403, 'SCOPE_MISMATCH', 'temporary', 'temporary', 'desk-forbidden'],
    [403, 'OAUTH_ORG_MISMATCH', 'temporary', 'temporary', 'desk-configuration'],
    [403, 'FORBIDDEN', 'temporary', 'temporary', 'desk-forbidden'],
    [403, 'LICENSE_ACCESS_LIMITED', 'temporary', 'temporary', 'desk-forbidden'],
    [403, null, 'temporary', 'temporary', 'desk-forbidden'],
    [429, 'TOO_MANY_REQUESTS', 'temporary', 'temporary', 'desk-busy'],
    [429, null, 'temporary', 'temporary', 'desk-busy'],
    [500, 'INTERNAL_SERVER_ERROR', 'unknown', 'temporary', 'desk-server-error'],
    [502, null, 'unknown', 'temporary', 'desk-server-error'],
    [303, null, 'unknown', 'temporary', 'desk-odd-answer'],
    [408, null, 'unknown', 'temporary', 'desk-odd-answer'],
    // Not in Desk's words: a proxy between us.
    [400, null, 'temporary', 'temporary', 'desk-odd-answer'],
    [404, null, 'temporary', 'temporary', 'desk-odd-answer'],
    [407, null, 'temporary', 'temporary', 'desk-odd-answer'],
  ] as const)('%i %s is %s to one that makes, %s to one that does not', (status, code, makes, repeats, ours) => {
    const text = code ? body(code) : '<html>Bad Gateway</html>';
    expect(refusal(status, text)).toMatchObject({ verdict: makes, code: ours });
    expect(refusal(status, text, false)).toMatchObject({ verdict: repeats, code: ours });
  });

  it('names the field that is wrong, never what was in it', () => {
    const { message } = refusal(422, body('INVALID_DATA', [{ fieldName: '/cf/cf_severity', errorType: 'invalid' }]));
    expect(message).toBe('Desk refuses the ticket: /cf/cf_severity is invalid: 422 INVALID_DATA');
    expect(refusal(422, body('UNPROCESSABLE_ENTITY')).message).not.toContain('secret');
  });

  it.each([
    [
      'a department that is gone',
      '/departmentId',
      'invalid',
      /^Desk refuses the ticket: \/departmentId is invalid: 422 INVALID_DATA: check DESK_COM_DEPARTMENT_ID: /,
    ],
    ['a field made mandatory', '/cf/cf_region', 'missing', /: \/cf\/cf_region is missing: .* make that field optional/],
  ])('for %s fails no ticket for good', (_what, fieldName, errorType, words) => {
    const errors = [
      { fieldName: '/cf/cf_severity', errorType: 'invalid' },
      { fieldName, errorType },
    ];
    for (const status of [400, 422])
      expect(refusal(status, body('INVALID_DATA', errors))).toMatchObject({
        verdict: 'temporary',
        code: 'desk-configuration',
        fields: { status, retryInMs: 15 * 60_000 },
      });
    expect(refusal(422, body('INVALID_DATA', errors.slice(1))).message).toMatch(words);
  });

  it('for what is missing in a note or a change is about that call', () => {
    const missing = body('INVALID_DATA', [{ fieldName: '/content', errorType: 'missing' }]);
    expect(refusal(422, missing, true, false)).toMatchObject({ verdict: 'permanent', code: 'desk-refused' });
  });

  it('of our configuration says what to mend, and waits long', () => {
    expect(refusal(403, body('SCOPE_MISMATCH'))).toMatchObject({
      message: expect.stringMatching(/lacks the scope Desk\.tickets\.CREATE: .*set DESK_COM_REFRESH_TOKEN$/),
      fields: { retryInMs: 15 * 60_000 },
    });
    expect(refusal(403, body('OAUTH_ORG_MISMATCH')).message).toMatch(/not of organisation 4711: check DESK_COM_ORG_ID/);
  });
});

describe('credits are gone', () => {
  const now = new Date('2026-11-22T10:00:00Z');
  it.each([
    ['60', '2026-11-22T10:01:00.000Z'],
    ['Sun, 22 Nov 2026 12:00:00 GMT', '2026-11-22T12:00:00.000Z'],
    // A day at most.
    ['999999999', '2026-11-23T10:00:00.000Z'],
    ['0', '2026-11-22T10:00:01.000Z'],
    // Nothing or nonsense: until the day is over.
    [null, '2026-11-23T00:00:00.000Z'],
    ['soon', '2026-11-23T00:00:00.000Z'],
  ])('with Retry-After %s until %s', (said, until) => {
    const headers = new Headers(said === null ? {} : { 'retry-after': said });
    expect(stoppedUntil(headers, now).toISOString()).toBe(until);
  });
});
