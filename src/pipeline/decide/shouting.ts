/** Shouting is heard and said, and has no weight: severity is by impact. */
import type { Reason } from '../../model.ts';
import type { Heard } from './hearing.ts';
import type { Statement } from './statement.ts';

/** Letters below which capitals say nothing ("CRM", "API URL"). */
const FEWEST_LETTERS = 12;
const MOSTLY_CAPITALS = 0.6;
const EXAMINED = 2_000;

export function shoutingOf({ subject, text, priority }: Statement, heard: Heard): Reason[] {
  const said = `${subject}\n${text}`.slice(0, EXAMINED);
  const word = heard.of('shouting')[0]?.said;
  const capitals = said.match(/\p{Lu}/gu)?.length ?? 0;
  const cased = capitals + (said.match(/\p{Ll}/gu)?.length ?? 0);
  const signs = [
    ...(word ? [`"${word}"`] : []),
    ...(/[!！]{2,}|[?？؟]{2,}/.test(said) ? ['repeated marks'] : []),
    ...(cased >= FEWEST_LETTERS && capitals >= cased * MOSTLY_CAPITALS ? ['capitals'] : []),
    ...(priority ? ['marked as important by the sender'] : []),
  ];
  return signs.length === 0 ? [] : [{ rule: 'severity.shouting', because: `noted, not obeyed: ${signs.join(', ')}` }];
}
