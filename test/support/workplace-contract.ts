/** What associates can rely on wherever they work: the suite that the ledger and Desk both pass. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corrections } from '../../src/ledger/corrections.ts';
import { ticketId } from '../../src/ledger/tickets.ts';
import { showTicket } from '../../src/ledger/views.ts';
import { watchClock } from '../../src/stages/watch-clock.ts';
import { png } from './files.ts';
import { LARGE, type Letter, letter } from './letters.ts';
import { PROGRAM, SHOT, withFiles } from './mails-with-files.ts';
import type { Workplace } from './workplace.ts';

const SMALL = 'owner@small.example';
/** No partner: the sender is told nothing that would matter here. */
const AGENT = 'Agent <agent@reseller.example>';
const LOGO = { name: 'logo.png', type: 'image/png', bytes: png(120, 40), cid: 'logo@x.example' };
const DAY_MS = 86_400_000;

/** @returns the place, for what only one of them can do wrong: once the hooks have run. */
export function workplaceContract<P extends Workplace>(open: () => Promise<P>): () => P {
  let place: P;
  beforeAll(async () => {
    place = await open();
  });
  afterAll(() => place?.end());

  /** A ticket whose primary address nobody named. */
  async function asked(name: string, more: Partial<Letter> = {}): Promise<string> {
    const id = `${name}@partner.example`;
    const { state, number } = await place.arrive(id, letter({ id, from: AGENT, ...more }));
    expect(state).toBe('ticketed');
    return number;
  }
  async function answered(name: string, number: string, text: string) {
    const id = `${name}-answer@partner.example`;
    const headers = [`References: <${name}@partner.example>`];
    const raw = letter({ id, from: AGENT, subject: `Re: Request ${name}@partner.example`, headers, lines: [text] });
    expect(await place.arrive(id, raw)).toEqual({ state: 'appended', number });
    return { id, text };
  }
  const story = async (number: string) => {
    const shown = await showTicket(place.ctx.db, ticketId(number) ?? 0);
    if (!shown) throw new Error(`there is no ${number}`);
    return shown;
  };
  const changes = (why: readonly string[], pattern: RegExp) => why.filter((text) => pattern.test(text));

  describe('a ticket', () => {
    it('is there once, with its fields and all its reasons', async () => {
      const number = await asked('shown', { says: 'nothing' });
      await place.again();
      const { why, ...rest } = await place.shown(number);
      expect(rest).toEqual({
        ...{ superadminEmail: LARGE, priorityCustomer: true, severity: 'S1', service: 'Zoho CRM' },
        ...{ closed: false, files: [] },
      });
      for (const { because } of (await story(number)).decision.reasons)
        expect(why.filter((text) => text.includes(because)).length, because).toBeGreaterThan(0);
    });

    it("shows the partner's answer once, and what it changed once", async () => {
      const number = await asked('answered');
      expect(await place.shown(number)).toMatchObject({ severity: 'S2', superadminEmail: null, service: 'Zoho CRM' });
      const mail = await answered('answered', number, `It is ${LARGE}, and it is about last week.`);
      expect(await place.timesShown(number, mail)).toBe(1);
      await place.again();
      const shown = await place.shown(number);
      expect(shown).toMatchObject({ severity: 'S1', superadminEmail: LARGE, priorityCustomer: true });
      expect(changes(shown.why, /severity:? S2 -> S1/)).toHaveLength(1);
      expect(await place.timesShown(number, mail)).toBe(1);
    });

    it('shows its files once: what is dangerous is named and cannot be opened, logos are left out', async () => {
      const id = 'files@partner.example';
      const raw = withFiles({ id, from: AGENT }, [
        { name: 'shot.png', type: 'image/png', bytes: SHOT },
        { name: 'invoice.pdf', type: 'application/pdf', bytes: PROGRAM },
        LOGO,
      ]);
      const { number } = await place.arrive(id, raw);
      await place.again();
      expect((await place.shown(number)).files).toEqual([
        { name: 'shot.png', opens: true },
        { name: 'invoice.pdf', opens: false },
      ]);
    });
  });

  describe('an associate', () => {
    it('fills the primary address: the workflow runs, and the other fields follow', async () => {
      const number = await asked('filled');
      await place.fill(number, LARGE);
      const shown = await place.shown(number);
      expect(shown).toMatchObject({ superadminEmail: LARGE, severity: 'S1', priorityCustomer: true });
      expect(changes(shown.why, /severity:? S2 -> S1/)).toHaveLength(1);
      expect(await story(number)).toMatchObject({ superadminEmail: LARGE, severity: 'S1', priorityCustomer: true });
    });

    it('who fills in what is no address is told so; it changes nothing', async () => {
      const number = await asked('nonsense');
      const before = await story(number);
      expect(await place.fill(number, 'call Jane')).toContain('"call Jane" is no mail address');
      const { superadminEmail, decision } = await story(number);
      expect({ superadminEmail, decision }).toEqual({ superadminEmail: null, decision: before.decision });
    });

    it('sets the severity: it is kept in later decisions, and is a correction', async () => {
      const number = await asked('rated');
      await place.rate(number, 'S3');
      expect(await place.shown(number)).toMatchObject({ severity: 'S3' });
      await place.fill(number, LARGE);
      await answered('rated', number, 'Thank you, that is all there is to say.');
      expect(await place.shown(number)).toMatchObject({
        ...{ severity: 'S3', superadminEmail: LARGE, priorityCustomer: true },
      });
      const corrected = await corrections(place.ctx.db, new Date(0));
      expect(corrected.filter((one) => one.ticketId === ticketId(number))).toMatchObject([
        { before: 'S2', override: { severity: 'S3' } },
      ]);
    });

    it('and another one change different fields at once: both stay', async () => {
      const number = await asked('both');
      await place.fillAndRate(number, SMALL, 'S1');
      await place.again();
      expect(await place.shown(number)).toMatchObject({ superadminEmail: SMALL, severity: 'S1' });
      expect(await story(number)).toMatchObject({ superadminEmail: SMALL, severity: 'S1' });
    });

    it("changes something while the partner's answer is on its way: neither is written over", async () => {
      const number = await asked('meanwhile');
      await place.rateMeanwhile(number, 'S3', () => answered('meanwhile', number, `The super admin is ${LARGE}.`));
      await place.again();
      const both = { superadminEmail: LARGE, severity: 'S3', priorityCustomer: true };
      expect(await place.shown(number)).toMatchObject(both);
      expect(await story(number)).toMatchObject(both);
    });

    it('closes, reopens and answers: the clock knows', async () => {
      const [closed, reopened, waiting, replied] = [
        await asked('closed', { says: 'nothing' }),
        await asked('reopened', { says: 'nothing' }),
        await asked('waiting', { says: 'nothing' }),
        await asked('replied', { says: 'nothing' }),
      ];
      await place.close(closed);
      await place.close(reopened);
      expect(await place.shown(closed)).toMatchObject({ closed: true });
      expect(await story(closed)).toMatchObject({ status: 'resolved' });
      await place.reopen(reopened);
      expect(await place.shown(reopened)).toMatchObject({ closed: false });
      expect(await story(reopened)).toMatchObject({ status: 'open' });
      await place.answer(replied);
      const [first] = (await story(replied)).clock;
      expect(first).toMatchObject({ what: 'firstResponse', state: 'met' });
      await place.again();
      await watchClock({ ...place.ctx, now: () => new Date(Date.now() + 30 * DAY_MS) });
      const breaches = async (number: string) =>
        (await story(number)).clock.flatMap(({ what, state }) => (state === 'breached' ? [what] : []));
      expect(await breaches(closed)).toEqual([]);
      expect(await breaches(waiting)).toContain('firstResponse');
      expect(await breaches(reopened)).toContain('determination');
      expect(await breaches(reopened)).not.toContain('firstResponse');
      expect(await breaches(replied)).not.toContain('firstResponse');
    });
  });
  return () => place;
}
