/** Desk as the place where associates work: what holds for the ledger, and what only Desk can do wrong. */
import { beforeAll, describe, expect, it } from 'vitest';
import { png } from '../support/files.ts';
import { LARGE, letter } from '../support/letters.ts';
import { withFiles } from '../support/mails-with-files.ts';
import { workplaceContract } from '../support/workplace-contract.ts';
import { openWorkplaceDesk, type WorkplaceDesk } from '../support/workplace-desk.ts';

describe('Desk', () => {
  const opened = workplaceContract(() => openWorkplaceDesk({ attachmentMegabytes: '0.01' }));
  const FROM = 'Agent <agent@reseller.example>';
  let place: WorkplaceDesk;
  beforeAll(() => {
    place = opened();
  });

  const asked = (name: string) => place.world.ticketed({ id: `${name}@only.example`, from: FROM });
  const cf = (number: string) => place.there(number).cf;
  /** Somebody there changes fields; here it is known afterwards. */
  async function changed(number: string, fields: object): Promise<void> {
    place.world.double.byHand.patch(place.there(number).id, { cf: fields });
    await place.world.changesTaken();
    await place.world.delivered();
  }
  const told = async (number: string): Promise<string[]> => {
    const rows = await place.ctx.db
      .selectFrom('event')
      .select('because')
      .where('ticket_id', '=', Number(number.slice('P-'.length)))
      .where('what', '=', 'changed in Desk')
      .orderBy('id')
      .execute();
    return rows.map(({ because }) => because);
  };

  it('has no file that is too large: a note names it and says how to get it', async () => {
    const id = 'large-file@only.example';
    const large = { name: 'large.bin', type: 'application/octet-stream', bytes: Buffer.alloc(20_000, 7) };
    const small = { name: 'small.png', type: 'image/png', bytes: png(800, 600) };
    const { number } = await place.arrive(id, withFiles({ id, from: FROM }, [large, small]));
    expect((await place.shown(number)).files).toEqual([
      { name: 'small.png', opens: true },
      { name: 'large.bin', opens: false },
    ]);
    const note = place.there(number).comments.find(({ content }) => content.includes('large.bin'));
    expect(note?.content).toMatch(
      /larger than 0\.01 MB\. To get it: partner-intake attachment [0-9a-f]{12} --out FILE\n/,
    );
  });

  it('is changed by hand between our look and our update: what the update does not set stays, and comes here', async () => {
    const number = await asked('between');
    await place.world.delivered();
    const { id } = place.there(number);
    await place.arrive(
      'between-2@only.example',
      letter({ id: 'between-2@only.example', from: FROM, subject: 'Re:', lines: [LARGE], ...refer('between') }),
    );
    let done = false;
    place.world.double.faults.plan(({ method, path }) => {
      if (method === 'PATCH' && path.endsWith(id) && !done) {
        done = true;
        place.world.double.byHand.patch(id, { cf: { cf_service_name: 'Zoho Books' } });
      }
      return null;
    });
    await place.world.delivered();
    place.world.double.faults.plan(null);
    expect(done).toBe(true);
    await place.world.changesTaken();
    await place.world.delivered();
    expect(await place.shown(number)).toMatchObject({ superadminEmail: LARGE, severity: 'S1', service: 'Zoho Books' });
    expect(await place.ctx.db.selectFrom('ticket').select('enquiry').where('id', '=', idOf(number)).execute()).toEqual([
      { enquiry: expect.objectContaining({ fields: expect.objectContaining({ product: byHand('Zoho Books') }) }) },
    ]);
  });

  it('has a severity that is changed, and changed back: the last word counts', async () => {
    const number = await asked('back');
    await place.world.delivered();
    await place.fill(number, LARGE);
    expect(cf(number).cf_severity).toBe('S1');
    for (const severity of ['S3', 'S1'] as const) {
      await place.rate(number, severity);
      const { decision } = await place.ctx.db
        .selectFrom('ticket')
        .select('decision')
        .where('id', '=', idOf(number))
        .executeTakeFirstOrThrow();
      expect(decision).toMatchObject({ severity, override: { severity } });
    }
  });

  it.each([
    ['the checkbox', { cf_priority_customer_large_user_account: 'true' }, 'it is kept there, and changes nothing here'],
    ['an address that is none', { cf_customer_primary_email_address: 'Jane' }, '"Jane" is no mail address'],
    ['no service', { cf_service_name: null }, 'what is known here stays'],
  ])('keeps %s as it was set by hand, says so once, and no update writes over it', async (name, fields, why) => {
    const number = await asked(name.replaceAll(' ', '-'));
    await place.world.delivered();
    await changed(number, fields);
    await place.rate(number, 'S1');
    await place.again();
    await place.rate(number, 'S3');
    expect(cf(number)).toMatchObject({ ...fields, cf_severity: 'S3' });
    expect(await told(number)).toEqual([expect.stringContaining(why)]);
  });

  it('has what is known here again once that changes', async () => {
    const number = await asked('again');
    await place.world.delivered();
    await changed(number, { cf_priority_customer_large_user_account: 'true', cf_customer_primary_email_address: '?' });
    await place.fill(number, 'owner@small.example');
    await place.fill(number, LARGE);
    expect(await place.shown(number)).toMatchObject({ superadminEmail: LARGE, priorityCustomer: true });
    await place.fill(number, 'owner@small.example');
    expect(await place.shown(number)).toMatchObject({
      superadminEmail: 'owner@small.example',
      priorityCustomer: false,
    });
  });

  it('has thrown a ticket away: here it stays as it is, and everything else goes on', async () => {
    const [gone, other] = [await asked('gone'), await asked('other')];
    await place.world.delivered();
    place.world.double.byHand.trash(place.there(gone).id);
    await place.world.changesTaken();
    expect(await place.ctx.db.selectFrom('ticket').select('status').where('id', '=', idOf(gone)).execute()).toEqual([
      { status: 'open' },
    ]);
    await place.fill(other, LARGE);
    expect(cf(other)).toMatchObject({ cf_severity: 'S1' });
  });
});

const idOf = (number: string): number => Number(number.slice('P-'.length));
const refer = (name: string) => ({ headers: [`References: <${name}@only.example>`] });
const byHand = (value: string) => expect.objectContaining({ value, by: 'associate' });
