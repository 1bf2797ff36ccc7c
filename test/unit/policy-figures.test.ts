/** The shipped policy has the domain's figures, row by row, and a region for every country. */
import { describe, expect, it } from 'vitest';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);

describe('the figures of the domain', () => {
  it.each([
    ['anz', 50, 'com'],
    ['apac-japan', 50, 'com'],
    ['india', 100, 'com'],
    ['mea', 60, 'com'],
    ['europe-uk', 60, 'eu'],
    ['usa-latam', 70, 'com'],
    ['canada-brazil', 50, 'com'],
  ] as const)('%s: large from %i licences, writes to %s', (region, licences, mailbox) => {
    expect(policy.regions.regions[region]).toMatchObject({ licences, mailbox });
    const ambiguous = region === 'europe-uk' ? { from: 60, to: 99, tag: 'threshold-ambiguous' } : undefined;
    expect(policy.regions.regions[region].ambiguous).toEqual(ambiguous);
  });

  it.each([
    ['S1', [1, 3], [2, 8]],
    ['S2', [6, 12], [24, 48]],
    ['S3', [16, 24], [48, 72]],
  ] as const)('%s: first response %j h, problem determination %j h', (severity, first, determination) => {
    expect(policy.commitment.severities[severity]).toEqual({
      firstResponse: { target: first[0], commitment: first[1] },
      determination: { target: determination[0], commitment: determination[1] },
    });
  });

  it('has the decided rest', () => {
    expect(policy.commitment.largeAccountResolution).toEqual({ target: 24, commitment: 48 });
    expect(policy.commitment.workingDays).toEqual([1, 2, 3, 4, 5]);
    expect([...policy.commitment.exempt].toSorted()).toEqual(['feature-request', 'product-limitation']);
    expect(policy.regions.count).toBe('max');
    expect(policy.regions.default).toEqual({ com: 'usa-latam', eu: 'europe-uk' });
    expect(policy.severity.default).toBe('S3');
    expect(policy.identification.unknownSuperadmin).toBe('provisional');
    expect(policy.outbound).toMatchObject({
      noteEveryDays: 7,
      holdRepliesToMailOlderThanDays: 7,
      fallbackLanguage: 'en',
    });
    expect(policy.mailboxes.mailboxes.com).toMatchObject({
      address: 'partner-support@zohocorp.com',
      helpCentre: 'https://help.zoho.com',
      store: 'https://store.zoho.com/zstore#partnerhome',
    });
    expect(policy.mailboxes.mailboxes.eu).toMatchObject({
      address: 'partner-support@eu.zohocorp.com',
      helpCentre: 'https://help.zoho.eu',
      store: 'https://store.zoho.eu/zstore#partnerhome',
    });
    const codes = ['ar', 'de', 'en', 'es', 'fr', 'id', 'it', 'ja', 'nl', 'pt', 'vi', 'zh'];
    expect(Object.keys(policy.labels.languages)).toEqual(expect.arrayContaining(codes));
  });
});

describe('countries', () => {
  /** What the runtime names that is no country of today: withdrawn, reserved or not a country. */
  const NOT_COUNTRIES =
    'AC AN BU CP CQ CS DD DG DY EA EU EZ FX HV IC NH NT PC QO QU RH SU TA TP UN VD WK XA XB YD YU ZR ZZ'.split(' ');

  it('maps every country the runtime knows to a region', () => {
    const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
    const codes = letters.flatMap((a) => letters.map((b) => a + b)).filter((code) => names.of(code) !== undefined);
    const countries = codes.filter((code) => !NOT_COUNTRIES.includes(code));
    // 249 of ISO 3166-1, UK as people write it, Kosovo.
    expect(countries).toHaveLength(251);
    expect(Object.keys(policy.regions.countries).toSorted()).toEqual(countries);
  });

  it.each([
    ['BR CA', 'canada-brazil'],
    ['AU NZ FJ PG WS', 'anz'],
    ['IN', 'india'],
    ['JP SG CN VN ID TH PH LK BD PK KZ UZ', 'apac-japan'],
    ['AE SA TR EG ZA NG MA IL', 'mea'],
    ['GB UK DE FR ES PT IE CH NO IS UA RU RS GE', 'europe-uk'],
    ['US MX AR CO CL PE CR PR DO', 'usa-latam'],
  ])('%s: %s', (codes, region) => {
    for (const code of codes.split(' ')) expect(policy.regions.countries[code], code).toBe(region);
  });
});
