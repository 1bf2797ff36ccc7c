/** `templates preview`: a reply as a partner would get it, with sample values, for whoever edits its text. */
import { readConfig } from '../config.ts';
import { UsageError } from '../errors.ts';
import { REPLY_KINDS, ReplyKind } from '../model.ts';
import { compose } from '../pipeline/reply/compose.ts';
import { sampleInput } from '../pipeline/reply/sample.ts';
import { didYouMean } from '../policy/nearest.ts';
import { loadRules } from '../rules.ts';

/**
 * Prints the HTML of a reply, or with `text` its plain text.
 * @throws UsageError naming the nearest valid word; UserError naming everything that is wrong with the policy and the templates.
 */
export function templatesPreview(kind: string, language: string, { text = false }: { text?: boolean }): void {
  const known = ReplyKind.safeParse(kind);
  if (!known.success) throw new UsageError(unknown('kind of reply', kind, REPLY_KINDS));
  const { policy, templates } = loadRules(readConfig(process.env));
  const languages = [...templates.keys()].toSorted();
  if (!languages.includes(language)) throw new UsageError(unknown('language with reply texts', language, languages));
  const reply = compose(templates, policy, sampleInput(known.data, language));
  // Bytes for a file or a browser; what would steer a terminal was taken out of every value when it was composed.
  process.stdout.write(text ? `${reply.subject}\n\n${reply.text}` : reply.html);
}

function unknown(what: string, word: string, words: readonly string[]): string {
  const near = didYouMean(word, words);
  return `"${word}" is no ${what}${near === '' ? `: there are ${words.join(', ')}` : near}`;
}
