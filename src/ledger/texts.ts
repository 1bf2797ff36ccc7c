/** What of the ledger is text that people wrote, and how a row looks without it: keys, states, hashes, times and counts stay. */
import { type RawBuilder, sql } from 'kysely';

/** Why a file is dangerous, without the name of what it holds: "an archive that holds a program: NAME". */
export const withoutName = (dangerous: RawBuilder<unknown>) => sql`split_part(${dangerous}, ': ', 1)`;

/** Whether a notice is about one of these tickets, alone or in a list. `tickets` is an array of bigint. */
export const isAbout = (tickets: RawBuilder<unknown>) => sql`(
  notice.ticket_id = any(${tickets}) or exists (
    select from jsonb_array_elements_text(notice.tickets) as listed(id) where listed.id::bigint = any(${tickets})))`;

/** A reading (ParsedMail) without what its writer wrote. Addresses stay. */
export const withoutTexts = (parsed: RawBuilder<unknown>) => sql`
  case when ${parsed} is null then null else ${parsed}
    || '{"text":"","quoted":"","subject":"","parts":{"text":"","html":""}}'::jsonb
    || jsonb_build_object(
      'from', (${parsed}->'from') || '{"name":""}'::jsonb,
      'attachments', (
        select coalesce(jsonb_agg(one || '{"filename":""}'::jsonb || case when one->>'dangerous' is null then '{}'::jsonb
          else jsonb_build_object('dangerous', ${withoutName(sql`one->>'dangerous'`)}) end order by place), '[]'::jsonb)
        from jsonb_array_elements(${parsed}->'attachments') with ordinality as listed(one, place)))
    || case when jsonb_typeof(${parsed}->'bounce') = 'object'
      then jsonb_build_object('bounce', (${parsed}->'bounce') || '{"diagnostic":null}'::jsonb) else '{}'::jsonb end end`;

/** What older mail says below the new text of a reading. */
export const withoutHistory = (parsed: RawBuilder<unknown>) => sql`
  case when ${parsed} is null then null
    else ${parsed} || '{"quoted":"","parts":{"text":"","html":""}}'::jsonb end`;

/** An enquiry without what was told in sentences, and without the ids of a person. */
export const withoutStory = (enquiry: RawBuilder<unknown>) => sql`
  ${enquiry} #- '{fields,description}' #- '{fields,troubleshooting}' #- '{fields,zuid}'`;

/** An outgoing mail without what it says. */
export const withoutLetter = (message: RawBuilder<unknown>) => sql`
  ${message} || '{"subject":"","text":"","html":""}'::jsonb`;
