/** What a reply looks like, who gets none (I5), and that a partner is not told the same thing every day. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { historyOf, replyIn, replyNow, settledMail, ticketFor } from '../support/ledger-view.ts';
import { type Letter, letter } from '../support/letters.ts';
import type { SinkMessage } from '../support/smtp-sink.ts';
import { openWorld, type World } from '../support/world.ts';

const DAY_MS = 24 * 60 * 60_000;
const TOLD = Array.from({ length: 6 }, (_, n) => `note${n}@mail.example`);
const ARABIC = [
  'تحية طيبة،',
  '',
  'نوع طلب الدعم: دعم فني',
  'اسم منتج Zoho: Zoho CRM',
  'عنوان البريد الإلكتروني للعميل: user@nowhere.example',
  'وصف المشكلة/السؤال: التقارير تعرض نتائج خاطئة منذ صباح اليوم.',
  '',
  'مع التحية',
];
const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY_MS);

const letters: Letter[] = [
  {
    id: 'whole@mail.example',
    subject: 'AW: Reports (again)',
    headers: ['References: <one@mail.example> <two@mail.example>', 'In-Reply-To: <two@mail.example>'],
  },
  { id: 'arabic@mail.example', subject: 'تقارير خاطئة', lines: ARABIC },
  {
    id: 'injected@mail.example',
    subject: '=?utf-8?Q?Help=0D=0ABcc:_victim@elsewhere.example=0D=0A=0D=0A<b>body</b>?=',
    from: '=?utf-8?Q?Eve=0D=0ABcc:_victim@elsewhere.example?= <eve@sender.example>',
  },
  ...TOLD.map((id, n) => ({ id, says: 'note' as const, from: `agent${n}@reseller.example` })),
  { id: 'stranger@mail.example', says: 'note', from: 'agent@stranger.example' },
  { id: 'noreply@mail.example', from: 'no-reply@sender.example' },
  { id: 'donotreply@mail.example', from: 'Do not reply <do_not_reply@sender.example>' },
  { id: 'nobody@mail.example', from: 'undisclosed' },
  { id: 'automatic@mail.example', headers: ['Auto-Submitted: auto-generated'] },
  { id: 'bulk@mail.example', headers: ['Precedence: bulk'] },
  { id: 'bounce@mail.example', headers: ['Return-Path: <>'] },
  { id: 'dated@mail.example', date: daysAgo(10) },
];

let world: World;
let daemon: Daemon;
const repliesTo = (id: string): SinkMessage[] =>
  world.accepted().filter(({ parsed }) => parsed.inReplyTo === `<${id}>`);
const theReplyTo = async (id: string): Promise<SinkMessage> => {
  await replyIn(world, id, ['sent']);
  const [reply, ...more] = repliesTo(id);
  if (!reply || more.length > 0) throw new Error(`${more.length + (reply ? 1 : 0)} replies to ${id}`);
  return reply;
};
const whyNone = async (id: string): Promise<string | undefined> => {
  const events = await historyOf(world, (await ticketFor(world, id)).id);
  return events.find(({ what }) => /^reply .* not sent$/.test(what))?.because;
};

beforeAll(async () => {
  world = await openWorld({ queue: 'postgresql' });
  await world.deliver(letters.map((one) => ({ mailbox: 'com', raw: letter(one) })));
  await world.dovecot.append('com', letter({ id: 'arrived@mail.example' }), { date: daysAgo(10) });
  // Everything lies there before the daemon starts: it is decided at once, as many at a time as there can be.
  daemon = startDaemon({ ...world.env, MAILBOX_COM_SINCE: daysAgo(30).toISOString() });
  for (const { id } of letters) await settledMail(world, id);
});
afterAll(async () => {
  await daemon?.kill9();
  await world?.close();
});

describe('a reply', () => {
  it('says what it is, whom it answers, and that no machine should answer it', async () => {
    const { raw, parsed, envelope } = await theReplyTo('whole@mail.example');
    const { id } = await ticketFor(world, 'whole@mail.example');
    const headers = Object.fromEntries(
      parsed.headerLines.map(({ key, line }) => [key, line.replace(/^[^:]+:\s*/, '').replace(/\r\n\s+/g, ' ')]),
    );
    expect(headers).toMatchObject({
      from: 'Zoho Partner Support <partner-support@zohocorp.com>',
      to: 'agent@sender.example',
      subject: `Re: Reports (again) [P-${id}]`,
      'in-reply-to': '<whole@mail.example>',
      references: '<one@mail.example> <two@mail.example> <whole@mail.example>',
      'auto-submitted': 'auto-replied',
      'x-auto-response-suppress': 'All',
      precedence: 'auto_reply',
      'content-language': 'en',
      'x-partner-intake-loop': `P-${id}`,
      // Two mails that are the very first at once may each make a key: either signs.
      'message-id': expect.stringMatching(
        new RegExp(`^<pi\\.[12]\\.${id}\\.\\w+\\.[0-9a-f]{16}\\.[0-9a-f]{24}@zohocorp\\.com>$`),
      ),
      'mime-version': '1.0',
      'content-type': expect.stringMatching(/^multipart\/alternative;/),
    });
    expect(Object.keys(headers)).not.toContain('bcc');
    expect(Object.keys(headers)).not.toContain('cc');
    expect(envelope).toEqual({ from: 'partner-support@zohocorp.com', to: ['agent@sender.example'] });
    expect(raw.toString('latin1')).toMatch(/^Content-Type: text\/plain; charset=utf-8/im);
    expect(raw.toString('latin1')).toMatch(/^Content-Type: text\/html; charset=utf-8/im);
    expect(parsed.text).toContain('SuperAdmin Email Address of the Account');
    expect(parsed.text).toContain('someone@nowhere.example');
    expect(parsed.html).toContain('<html lang="en" dir="ltr">');
    expect(parsed.html).not.toMatch(/<img|<script|src=|<link/i);
  });

  it('is in the language of the writer, from right to left in Arabic', async () => {
    const { parsed } = await theReplyTo('arabic@mail.example');
    expect(parsed.headers.get('content-language')).toBe('ar');
    expect(parsed.subject).toContain('تقارير خاطئة');
    expect(parsed.html).toContain('<html lang="ar" dir="rtl">');
    expect(parsed.text).toContain('تحية طيبة');
    expect(parsed.text).toContain('user@nowhere.example');
  });

  it('has no header and no recipient of the writer’s making', async () => {
    const { raw, envelope, parsed } = await theReplyTo('injected@mail.example');
    const head = raw.toString('latin1').split('\r\n\r\n', 1)[0] ?? '';
    expect(head).not.toMatch(/^bcc:/im);
    expect(head).not.toMatch(/^<b>/m);
    expect(envelope.to).toEqual(['eve@sender.example']);
    expect(parsed.html).not.toContain('<b>body</b>');
  });

  it('that comes back to an inbox is known as ours', async () => {
    const { raw } = await theReplyTo('whole@mail.example');
    const echo = (id: string, text = raw.toString('latin1')) =>
      text.replace(/^Message-ID:\s*<.*>$/im, `Message-ID: <${id}>`);
    const bare = echo('bare-echo@mail.example').replace(
      /^(x-partner-intake-loop|auto-submitted|precedence): .*\r\n/gim,
      '',
    );
    await world.deliver([
      { mailbox: 'com', raw: echo('echo@mail.example') },
      { mailbox: 'eu', raw: bare },
    ]);
    expect(await settledMail(world, 'echo@mail.example')).toMatchObject({
      state: 'suppressed',
      because: 'own: it carries our loop header',
    });
    expect(await settledMail(world, 'bare-echo@mail.example')).toMatchObject({
      state: 'suppressed',
      because: 'own: it comes from one of our own addresses',
    });
  });
});

describe('the note of a missing super admin', () => {
  it('goes to a partner once in 7 days, though several of its mails are decided at one moment', async () => {
    const notes = await Promise.all(TOLD.map((id) => replyNow(world, id)));
    expect(notes.filter((note) => note !== undefined)).toHaveLength(1);
    const reasons = await Promise.all(TOLD.map(whyNone));
    expect(reasons.filter((reason) => reason !== undefined)).toHaveLength(TOLD.length - 1);
    for (const reason of reasons.filter((one) => one !== undefined))
      expect(reason).toMatch(/^the partner was told on \d{4}-\d\d-\d\d: once in 7 days$/);
    const severities = await Promise.all(
      TOLD.map(async (id) => (await ticketFor(world, id)).decision.account?.matchedBy),
    );
    expect(severities).toEqual(TOLD.map(() => 'zoid'));
  });

  it('goes to another partner all the same, and to the first again after that time', async () => {
    await replyIn(world, 'stranger@mail.example', ['sent']);
    await world.query(
      "update reply set created_at = now() - interval '7 days 1 minute' where partner_key = 'reseller.example'",
    );
    await world.deliver([
      { mailbox: 'com', raw: letter({ id: 'later@mail.example', says: 'note', from: 'agent1@reseller.example' }) },
    ]);
    expect(await replyIn(world, 'later@mail.example', ['sent'])).toMatchObject({
      kind: 'missing-superadmin-note',
      recipient: 'agent1@reseller.example',
    });
  });
});

describe('no reply is sent', () => {
  it.each([
    ['noreply@mail.example', 'nobody reads mail at the address of the sender'],
    ['donotreply@mail.example', 'nobody reads mail at the address of the sender'],
    ['nobody@mail.example', 'the sender has no usable address'],
  ])('to %s: %s', async (id, because) => {
    expect(await whyNone(id)).toBe(because);
    expect(await replyNow(world, id)).toBeUndefined();
  });

  it.each(['automatic@mail.example', 'bulk@mail.example', 'bounce@mail.example'])('to %s', async (id) => {
    expect(await settledMail(world, id)).toMatchObject({ state: 'suppressed', ticket_id: null });
    expect(await replyNow(world, id)).toBeUndefined();
  });

  it.each([
    ['dated@mail.example', 'the mail is dated more than 7 days ago'],
    ['arrived@mail.example', 'the mail arrived more than 7 days ago'],
  ])('to %s before a person has looked: %s', async (id, because) => {
    expect(await replyIn(world, id, ['held', 'sent', 'failed'])).toMatchObject({ state: 'held', because, attempts: 0 });
    expect((await historyOf(world, (await ticketFor(world, id)).id)).at(-1)).toMatchObject({
      what: 'reply held',
      because,
    });
  });

  it('in all, only what was due went out', async () => {
    expect(await daemon.stop()).toBe(0);
    const answered = world.accepted().map(({ parsed }) => parsed.inReplyTo?.replace(/<note\d@/, '<note@'));
    const due = ['arabic', 'injected', 'later', 'note', 'stranger', 'whole'];
    expect(answered.sort()).toEqual(due.map((name) => `<${name}@mail.example>`));
  });
});
