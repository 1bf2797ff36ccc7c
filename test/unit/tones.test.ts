/** Vietnamese marks are letters to their readers: they count in a mail that has them, and are not asked of one that has none. */
import { describe, expect, it } from 'vitest';
import type { Enquiry } from '../../src/model.ts';
import { hear } from '../../src/pipeline/decide/hearing.ts';
import { foldWithMarks } from '../../src/pipeline/words/tones.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);
const heard = (text: string, table: 'S1' | 'S2' | 'fails' | 'everyone') => {
  const enquiry: Enquiry = { language: 'vi', template: false, fields: {} };
  return hear({ subject: '', text, enquiry }, policy).of(table);
};

describe('Vietnamese', () => {
  it('hears "dừng" (stops), not "dùng" (uses)', () => {
    const stopped = 'Cả nhà máy phải dừng sản xuất từ sáng nay vì hệ thống không chạy.';
    expect(
      heard(stopped, 'S1')
        .map(({ said }) => said)
        .join('; '),
    ).toMatch(/dừng/);
    const used = 'Cả nhà máy đang dùng hệ thống để sản xuất từ sáng nay, mọi việc đều ổn.';
    expect(heard(used, 'S1')).toEqual([]);
  });

  it('hears the same words typed without any marks', () => {
    const bare = 'Ca nha may phai dung san xuat tu sang nay vi he thong khong chay.';
    expect(
      heard(bare, 'S1')
        .map(({ said }) => said)
        .join('; '),
    ).toMatch(/dung/);
  });

  it.each([
    ['hoà', 'hòa'],
    ['thuỷ', 'thủy'],
  ])('takes "%s" for "%s"', (one, other) => {
    expect(foldWithMarks(one)).toBe(foldWithMarks(other));
  });

  it.each(['dùng', 'dung', 'đúng', 'đụng'])('tells "dừng" from "%s"', (other) => {
    expect(foldWithMarks('dừng')).not.toBe(foldWithMarks(other));
  });
});
