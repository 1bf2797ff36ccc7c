import { expect, it } from 'vitest';
import { rowsIn } from '../../src/adapters/licences/licence-answer.ts';

const row = (superadminEmail: string, zuids: string) => ({
  ...{ superadminEmail, zuids, service: 'Zoho CRM', licences: 5, status: 'active' },
  ...{ organisation: '', country: 'IN', region: '', domain: '', zoid: '', zgid: '' },
});
const ask = (...rows: object[]) => rowsIn(JSON.stringify(rows), { key: 'zuid', value: '777' }, 'it').length;

it('takes the rows that hold what was asked, or all rows of those accounts, and nobody else’s', () => {
  expect(ask(row('a@one.example', '777'))).toBe(1);
  expect(ask(row('a@one.example', '5'), row('a@one.example', '777'))).toBe(2);
  expect(() => ask(row('a@one.example', '777'), row('b@two.example', '5'))).toThrow(/row 2: its account does not hold/);
});
