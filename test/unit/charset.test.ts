import { describe, expect, it } from 'vitest';
import { decodeBytes, decodeCharset } from '../../src/pipeline/mime/charset.ts';
import { decodeWords } from '../../src/pipeline/mime/encoded-words.ts';
import { mendMojibake } from '../../src/pipeline/mime/mojibake.ts';

const hex = (digits: string) => Buffer.from(digits.replaceAll(' ', ''), 'hex');

describe('declared', () => {
  it.each([
    ['iso-2022-jp', '1b2442 246d 2530 2524 2573 1b2842', 'ろグイン'],
    ['ISO-2022-JP-MS', '1b2442 246d 1b2842', 'ろ'],
    ['gb2312', 'bfcdbba7', '客户'],
    ['cp936', 'bfcdbba7', '客户'],
    ['big5', 'abc8a4e1', '客戶'],
    ['euc-kr', 'b0edb0b4', '고객'],
    ['ks_c_5601-1987', 'b0edb0b4', '고객'],
    ['cp949', 'b0edb0b4', '고객'],
    ['shift_jis', '8366835a', 'デセ'],
    ['cp932', '8366835a', 'デセ'],
    ['euc-jp', 'a5e1a1bc', 'メー'],
    ['koi8-r', 'cbccc9c5ced4', 'клиент'],
    ['windows-1251', 'eaebe8e5edf2', 'клиент'],
    ['cp1251', 'eaebe8e5edf2', 'клиент'],
    ['windows-1256', 'e3d1cdc8c7', 'مرحبا'],
    ['windows-1254', 'deef', 'Şï'],
    ['windows-1258', 'e3', 'ă'],
    ['tis-620', 'c5d9a1', 'ลูก'],
    ['iso8859-2', 'b1e6ea', 'ąćę'],
    ['iso-8859-1_charset', 'e9', 'é'],
    ['"utf-8"', 'c3a9', 'é'],
    ['utf-16', '00e9006e', 'én'],
    ['utf-16', 'fffee9006e00', 'én'],
    ['utf-16le', 'e9006e00', 'én'],
    ['utf-16', '48656c6c6f20776f726c64', 'Hello world'],
    ['utf-7', '2b414f6b2d6e', 'én'],
    ['unicode-1-1-utf-7', '48692b414f6b2d', 'Hié'],
    ['iso-2022-kr', '1b2429430e306d30340f', '고객'],
    ['hz-gb-2312', '7e7b3f4d3b277e7d', '客户'],
    ['x-unknown', 'c3a9', 'é'],
    ['no-such-charset', 'e9', 'é'],
    ['', '1b2442 246d 1b2842', 'ろ'],
    ['us-ascii', '1b2442 246d 1b2842', 'ろ'],
    ['iso-8859-1', '1b2442 246d 1b2842', 'ろ'],
  ])('%s', (charset, bytes, text) => {
    expect(decodeCharset(hex(bytes), charset)).toBe(text);
  });
});

describe('undeclared, told by its letters', () => {
  it.each([
    ['UTF-8', 'c3a9', 'é'],
    ['Windows-1252, Portuguese', '446573637269e7e36f', 'Descrição'],
    ['Windows-1252, German', '4772f6df65', 'Größe'],
    ['Windows-1252, French, an apostrophe', '6c92e974e9', 'l’été'],
    ['Windows-1254, Turkish', '47697269fe20796170fd6c616d fd796f72', 'Giriş yapılamıyor'],
    ['Windows-1250, Polish', '6cb96420b362b9643a207a61b3b9637a', 'ląd łbąd: załącz'],
    ['Windows-1251', 'cde520eceee3f320e2eee9f2e8', 'Не могу войти'],
    ['KOI8-R', 'eec520cdcfc7d520d7cfcad4c9', 'Не могу войти'],
    ['Windows-1256', 'e3d1cdc8c720c8dfe3', 'مرحبا بكم'],
    ['TIS-620', 'c5d9a1a4e9d2', 'ลูกค้า'],
    ['Shift_JIS', '82a890a29862', 'お世話'],
    ['EUC-JP', 'a4aac0a4cfc3a4cba4caa4c3a4c6a4aaa4eaa4dea4b9', 'お世話になっております'],
    ['GB18030', 'bfcdbba7cedeb7a8b5c7c2bc', '客户无法登录'],
    ['Big5', 'abc8a4e1b54caa6bb56ea44a', '客戶無法登入'],
    ['EUC-KR', 'bec8b3e7c7cfbcbcbfe4', '안녕하세요'],
  ])('%s', (_, bytes, text) => {
    expect(decodeBytes(hex(bytes))).toBe(text);
  });
});

describe('UTF-8 that was decoded wrongly and encoded again', () => {
  it.each([
    ['DescriÃ§Ã£o do problema', 'Descrição do problema'],
    ['clientâ€™s', 'client’s'],
    ['DescriÃƒÂ§ÃƒÂ£o', 'Descrição'],
    ['Ð¼Ð¾Ð³Ñƒ', 'могу'],
    ['one\nCafÃ©\nthree', 'one\nCafé\nthree'],
  ])('is mended: %s', (mangled, text) => {
    expect(mendMojibake(mangled)).toBe(text);
  });

  it.each(['São Paulo', 'Ã é uma letra', 'À bientôt', 'Â', 'Größe “x”', 'Ação â', '客户Ã©', 'naïve Ã‚'])(
    'is not seen where it need not be: %s',
    (text) => {
      expect(mendMojibake(text)).toBe(text);
    },
  );
});

describe('encoded words', () => {
  it.each([
    ['=?gb2312?B?v827pw==?=', '客户'],
    ['=?ISO-2022-JP?B?GyRCJW0lMCUkJXMbKEI=?=', 'ログイン'],
    ['=?utf-8?Q?a=C3=A9_b?=', 'aé b'],
    ['=?utf-8?B?w4k=?= =?utf-8?B?dMOp?=', 'Été'],
    ['=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?=', 'café'],
    ['=?utf-8?Q?Größe?=', 'Größe'],
    ['=?utf-8?Q?broken', '=?utf-8?Q?broken'],
    ['=?utf-8?X?abc?=', '=?utf-8?X?abc?='],
    ['=?utf-7?Q?+AOk-?=', 'é'],
    ['=?utf-8*en?Q?a?=', 'a'],
  ])('%s', (raw, text) => {
    expect(decodeWords(raw)).toBe(text);
  });
});
