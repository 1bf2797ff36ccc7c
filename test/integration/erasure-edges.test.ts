/** Erasures that meet other people's data, unique keys, words of ours, and texts in unlikely places. */
import { describe, expect, it } from 'vitest';
import { auditLedger } from '../../src/ledger/audit.ts';
import { erasePerson } from '../../src/stages/erase-person.ts';
import { retentionPass } from '../../src/stages/keep-no-longer.ts';
import { ticketAttachments } from '../../src/stages/ticket-attachments.ts';
import { clockWorld, MONDAY } from '../support/clock-world.ts';
import { zip } from '../support/files.ts';

const w = clockWorld();
const LATER = new Date('2026-03-20T00:00:00Z');
const erase = (address: string) =>
  erasePerson(w.ctx.db, { address, because: 'asked', by: 'me', now: LATER, dryRun: false });
/** Ends all tickets and replies. */
const end = async () => {
  await w.query(`update reply set state = 'sent' where state in ('intended', 'held', 'sending')`);
  await w.query(`update ticket set status = 'resolved'`);
};

const withFiles = (id: string, headers: string[], files: Record<string, Buffer | string>) =>
  [
    ...['From: Ana Ruiz <ana@x.example>', 'To: partner-support@zohocorp.com', 'Subject: s', `Message-ID: <${id}>`],
    ...['MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=b', ...headers, '', '--b'],
    'Content-Type: text/plain\r\n\r\nSuper admin email: owner@small.example\r\nDescription: The report shows wrong results',
    ...Object.entries(files).flatMap(([name, bytes]) => [
      `--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="${name}"`,
      `Content-Transfer-Encoding: base64\r\n\r\n${Buffer.from(bytes as string)
        .toString('base64')
        .replace(/.{76}/g, '$&\r\n')}`,
    ]),
    '--b--',
    '',
  ].join('\r\n');

describe('an erasure', () => {
  it('leaves a longer address of somebody else alone', async () => {
    await w.arrive({ id: 'a@mail.example', from: "Pat <o'brien@x.example>" });
    await w.arrive({ id: 'b@mail.example', from: 'Zoe <brien@x.example>' });
    await end();
    await erase('brien@x.example');
    expect(await w.query('select sender from ticket order by id')).toEqual([
      { sender: "o'brien@x.example" },
      { sender: expect.stringMatching(/^erased-/) },
    ]);
    expect(await w.query('select raw is null as gone from original order by mail_id')).toEqual([
      { gone: false },
      { gone: true },
    ]);
  });

  it('is not prevented by what becomes the same', async () => {
    await w.arrive({
      ...{ id: 'a@mail.example', from: 'Ana Ruiz <ana@x.example>' },
      headers: ['References: <ana@x.example> <ANA@x.example>'],
    });
    await end();
    await w.query(`insert into notice (key, kind, level, region, mailbox, because, created_at, addressed)
      select 'breach ' || who, 'breach', 'lead', 'india', 'com', 'x', now(), true from (values ('Ana@x.example'), ('ana@x.example')) as v(who)`);
    await w.query(`insert into notice_recipient (notice_id, recipient, reply_id)
      select notice.id, who, (select min(id) from reply) from notice, (values ('Ana@x.example'), ('ana@x.example')) as v(who)`);
    const { pseudonym } = await erase('ana@x.example');
    expect(await w.query('select recipient from notice_recipient')).toEqual([
      { recipient: pseudonym },
      { recipient: pseudonym },
    ]);
    expect(await w.query('select from notice')).toHaveLength(2);
    expect(await w.query(`select message_id from thread where message_id like '%x.example%'`)).toEqual([]);
    expect(await w.query(`select from thread where message_id like '%${pseudonym}%'`)).toHaveLength(1);
    expect((await auditLedger(w.ctx.db)).problems).toEqual([]);
  });

  it("waits for another's open ticket that names them or that they wrote on", async () => {
    const ticket = await w.arrive({ id: 'a@mail.example', from: 'Bob Bo <agent@bob.example>', says: 'nothing' });
    await expect(erase('owner@large.example')).rejects.toThrow(
      `ticket P-${ticket} is open and names them (partner-intake mark P-${ticket} resolved)`,
    );
    const other = await w.arrive({ id: 'b@mail.example', from: 'Bob <bob@cleo.example>' });
    expect(await w.answer(other, 'cleo', '2026-03-02T15:00:00Z', ['ZUID: 12345'])).toBe(other);
    await expect(erase('agent@cleo.example')).rejects.toThrow(`ticket P-${other} is open (`);
    await end();
    await erase('owner@large.example');
    await erase('agent@cleo.example');
    expect(await w.query(`select superadmin_email as who from ticket where id = ${ticket}`)).toEqual([
      { who: expect.stringMatching(/^erased-/) },
    ]);
  });

  it.each(['Technical Support', 'Zoho CRM', 'missing-superadmin-ask', 'usa-latam'])(
    'of somebody called "%s" changes nothing but sentences',
    async (name) => {
      await w.arrive({ id: 'a@mail.example', from: `"${name}" <ana@x.example>` });
      await end();
      const words = () =>
        w.query(`select enquiry->'fields'->'requestType'->>'value' as type, enquiry->'fields'->'product'->>'value' as product,
        decision->>'region' as region, decision->>'reply' as ask, reply.kind, decision->'account' as account from ticket join reply on ticket_id = ticket.id`);
      const before = await words();
      await erase('ana@x.example');
      expect(await words()).toEqual(before);
    },
  );

  it("leaves other people's names for things in its sentences, and takes the person's out", async () => {
    await w.arrive({ id: 'a@mail.example', from: 'Bob <agent@bob.example>' });
    await w.arrive({ id: 'b@mail.example', from: '"Zoho CRM" <ana@x.example>', subject: 'Zoho CRM' });
    await w.arrive({ id: 'c@mail.example', from: '"Ana Ruiz" <ana@x.example>' });
    await end();
    await w.query(
      `insert into event (ticket_id, by, what, because) select max(id), 'daemon', 'x', 'Ana Ruiz, Zoho CRM' from ticket`,
    );
    await erase('ana@x.example');
    expect(await w.query(`select because from event where what = 'x'`)).toEqual([{ because: '[erased], Zoho CRM' }]);
  });

  const about = (ticket: number) => `
    with mailed as (
      insert into reply (kind, mailbox, recipient, partner_key, message_id, message, state, created_at)
      values ('notice', 'com', 'lead@inside.example', '', '<n@zohocorp.example>',
        '{"subject":"s","text":"P-${ticket} salary of Ana","html":"x"}', 'sent', now()) returning id),
    noted as (
      insert into notice (key, kind, level, region, mailbox, tickets, because, addressed, created_at)
      values ('basic x', 'breach', 'lead', 'india', 'com', '[${ticket}]', 'x', true, now()) returning id)
    insert into notice_recipient select noted.id, 'lead@inside.example', mailed.id from noted, mailed`;
  const program = zip({ 'Ana_passport_X1234567.exe': 'x' });

  it('takes a subject out of notices that list its ticket, and names out of warnings', async () => {
    const ticket = await w.receive(
      'a',
      withFiles('a@x.example', [], { 'p.zip': program, 'ana@x.example.csv': 'x' }),
      MONDAY,
    );
    await end();
    await w.query(about(ticket));
    await erase('ana@x.example');
    expect(await w.query(`select message->>'text' as text from reply where kind = 'notice'`)).toEqual([{ text: '' }]);
    const [left] = await w.query<{ text: string }>(
      `select concat((select string_agg(a::text, ' ') from attachment a), (select string_agg(parsed::text, ' ') from mail)) as text`,
    );
    expect(left?.text).toContain('an archive that holds a program');
    expect(left?.text).not.toMatch(/passport|ana@x/);
    // Nothing is left to take out, and nothing is counted twice.
    expect((await erase('ana@x.example')).nothing).toBe(true);
  });

  it('so does retention', async () => {
    const ticket = await w.receive('a', withFiles('a@x.example', [], { 'p.zip': program }), MONDAY);
    await end();
    await w.query(about(ticket));
    await w.query(`update ticket set updated_at = '2026-03-02'`);
    await w.query(`update mail set updated_at = '2026-03-02'`);
    const ctx = w.at('2036-03-02T00:00:00Z');
    await retentionPass({ ...ctx, policy: { ...ctx.policy, retention: { originalDays: 730, textDays: 730 } } });
    expect(await w.query(`select message->>'text' as text from reply where kind = 'notice'`)).toEqual([{ text: '' }]);
    expect(await w.query('select dangerous from attachment')).toEqual([
      { dangerous: 'an archive that holds a program' },
    ]);
    expect(await w.query(`select parsed->'attachments'->0->>'dangerous' as dangerous from mail`)).toEqual([
      { dangerous: 'an archive that holds a program' },
    ]);
  });
});

it('an attachment keeps the number under which it was listed first', async () => {
  const ticket = await w.receive('a', withFiles('a@x.example', [], { 'A.txt': 'aaaa', 'B.txt': 'bbbb' }), MONDAY);
  const again = withFiles('b@x.example', ['In-Reply-To: <a@x.example>'], { 'A.txt': 'aaaa', 'C.txt': 'cccc' });
  expect(await w.receive('b', again, MONDAY)).toBe(ticket);
  expect((await ticketAttachments(w.ctx.db, ticket)).map(({ number, filename }) => `${number} ${filename}`)).toEqual([
    '1 A.txt',
    '2 B.txt',
    '3 C.txt',
  ]);
});
