/** Limits in words and ends of sentences, in the scripts that set no spaces between words and no stop behind a sentence. */
import { describe, expect, it } from 'vitest';
import { compileReproduced, findReproduced } from '../../src/pipeline/extract/reproduced.ts';
import { compileSuperadmin, findSuperadmin } from '../../src/pipeline/extract/superadmin.ts';
import { readMail } from '../../src/pipeline/mail/read.ts';
import { fold } from '../../src/pipeline/words/fold.ts';
import { sentencesOf } from '../../src/pipeline/words/sentences.ts';
import { lengthInWords } from '../../src/pipeline/words/word-count.ts';
import { loadPolicy } from '../../src/policy.ts';
import { BOUNDED_MS } from '../support/bounded.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);

async function read(body: string, head = '', name = 'Sam') {
  const from = `From: =?utf-8?B?${Buffer.from(name).toString('base64')}?= <sam@reseller.example>`;
  const raw = `${from}\nTo: help@desk.example\n${head}Content-Type: text/plain; charset=utf-8\n\n${body}\n`;
  return readMail(Buffer.from(raw), policy);
}

describe('length in words', () => {
  it.each([
    ['', 0, 0],
    ['one two three', 3, 3],
    ['무역상사 홍길동 드림', 2, 5],
    ['株式会社山田商事の田中太郎です', 6, 10],
    ['ลูกค้าไม่สามารถเข้าสู่ระบบได้', 4, 7],
    ['Zoho 客户无法登录', 4, 6],
  ])('of "%s" is as a reader counts', (text, least, most) => {
    const length = lengthInWords(fold(text));
    expect(length).toBeGreaterThanOrEqual(least);
    expect(length).toBeLessThanOrEqual(most);
  });
});

describe('a closing with a name behind it, right below a value', () => {
  it.each([
    ['th', 'รายละเอียดปัญหา: รายงานว่างเปล่า', 'ขอแสดงความนับถือ สมชาย ใจดี', 'รายงานว่างเปล่า'],
    ['ko', '문제 설명: 보고서가 비어 있습니다', '감사합니다 홍길동 드림', '보고서가 비어 있습니다'],
    ['ja', '問題の説明: レポートが空です', 'よろしくお願いいたします。グラノ田中', 'レポートが空です'],
    ['zh', '问题描述: 报表是空的', '谢谢！张伟 市场部', '报表是空的'],
  ])('is no part of the value: %s', async (_, filled, closing, value) => {
    const { enquiry } = await read(`ZOID: 76006415\nZUID: 650456410\n${filled}\n${closing}`);
    expect(enquiry.fields.description?.value).toBe(value);
  });

  it('and a line of text that begins like one is', async () => {
    const text = 'ขอบคุณที่ช่วยดูแล แต่รายงานของลูกค้ายังว่างเปล่าตั้งแต่เมื่อวานนี้';
    const { enquiry } = await read(`ZOID: 76006415\nรายละเอียดปัญหา: รายงานว่างเปล่า\n${text}`);
    expect(enquiry.fields.description?.value).toContain('ตั้งแต่เมื่อวานนี้');
  });
});

it.each([
  ['ขอแสดงความนับถือ สมชาย ใจดี\nโทร. 02 123 4567', 'th'],
  ['よろしくお願いいたします。田中太郎\nTel. 03-1234-5678', 'ja'],
])('a card below a closing with a name is a signature: %s', async (end) => {
  const { mail } = await read(`Zoho Desk\n\n${end}`);
  expect(mail.text).not.toContain('1234');
});

it.each([
  ['王伟', '报表是空的'],
  ['홍길동', '보고서가 비어 있습니다'],
])("the writer's own name ends a value: %s", async (name, value) => {
  const { enquiry } = await read(`ZOID: 76006415\nZUID: 650456410\nDescription: ${value}\n${name}`, '', name);
  expect(enquiry.fields.description?.value).toBe(value);
});

it.each(['自動返信。不在です', '自动回复（外出）', '自动答复！', 'ตอบกลับอัตโนมัติ (ลาพักร้อน)'])(
  'a subject that is an absence notice up to its stop: %s',
  async (subject) => {
    const head = `Subject: =?utf-8?B?${Buffer.from(subject).toString('base64')}?=\nIn-Reply-To: <a@b.example>\n`;
    expect((await read('เร็ว ๆ นี้', head)).mail.kind).toBe('auto-reply');
  },
);

describe('sentences', () => {
  const split = (text: string) => [...sentencesOf(text)].map(({ start, end }) => text.slice(start, end).trim());

  it.each<[string, string[]]>([
    ['ลูกค้าไม่สามารถเข้าสู่ระบบได้ เราทำซ้ำปัญหาได้ทุกครั้ง', ['ลูกค้าไม่สามารถเข้าสู่ระบบได้', 'เราทำซ้ำปัญหาได้ทุกครั้ง']],
    ['เราไม่สามารถ ทำซ้ำ ได้', ['เราไม่สามารถ ทำซ้ำ ได้']],
    ['เราทดสอบบน Zoho CRM แล้วไม่พบ', ['เราทดสอบบน Zoho CRM แล้วไม่พบ']],
    ['失败了！能重现吗？能。', ['失败了！', '能重现吗？', '能。']],
    ['لا يعمل؟ نعم؛ دائما۔ كل يوم', ['لا يعمل؟', 'نعم؛', 'دائما۔', 'كل يوم']],
    ['In v2.1 we (all of us.) see it; always! Why?', ['In v2.1 we (all of us.)', 'see it;', 'always!', 'Why?']],
  ])('%s', (text, sentences) => expect(split(text)).toEqual(sentences));

  it('are found in time, whatever stands there', () => {
    for (const unit of ['.', '่ ', 'ก ', '. ', '..x', '。']) {
      const text = unit.repeat(200_000 / unit.length);
      const start = performance.now();
      for (const _ of sentencesOf(text));
      expect(performance.now() - start, JSON.stringify(unit)).toBeLessThan(BOUNDED_MS);
    }
  });
});

it.each([
  ['ลูกค้าไม่สามารถเข้าสู่ระบบได้ เราทำซ้ำปัญหาได้ทุกครั้ง', 'yes'],
  ['ลูกค้าเข้าสู่ระบบได้แล้ว แต่เราไม่สามารถทำซ้ำปัญหาได้', 'no'],
  ['The customer cannot log in; we can reproduce it every time', 'yes'],
  ['We could not, in v2.1, reproduce it.', 'no'],
  ['この問題は再現できますか。', undefined],
  ['能重现这个问题吗', undefined],
])('whether it was reproduced is said by its own sentence: %s', (text, answer) => {
  expect(findReproduced(text, compileReproduced(policy.labels.languages))?.value).toBe(answer);
});

it.each([
  'スーパー管理者がログインできません。利用者は a@client.example です。',
  '超级管理员无法登录！用户是 a@client.example',
])('an address of the next sentence is not the super admin’s: %s', (text) => {
  expect(findSuperadmin(text, '', compileSuperadmin(policy.labels.languages))).toBeNull();
});
