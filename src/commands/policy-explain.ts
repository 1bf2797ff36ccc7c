import { createReaderPool } from '../adapters/reader-pool.ts';
import { readConfig } from '../config.ts';
import { messageOf, UserError } from '../errors.ts';
import { openDirectories } from '../open-stores.ts';
import { explain } from '../pipeline/decide/explain.ts';
import { loadPolicy } from '../policy.ts';
import type { ConsultContext } from '../stages/consult.ts';
import { explanationText } from './explanation-text.ts';
import { bytesOf, inputFor } from './inspect.ts';
import { say, sayJson } from './support.ts';

/** `policy explain FILE…`: decides each mail as `inspect` does, and says by which rules, what the next one would be and what would change it. */
export async function policyExplain(files: readonly string[], options: { json?: boolean }): Promise<void> {
  const config = readConfig(process.env);
  const policy = loadPolicy(config.policyDir);
  const ctx: ConsultContext = { policy, ...openDirectories(config), now: () => new Date() };
  const pool = createReaderPool({ policy, threads: 1 });
  const failures: string[] = [];
  try {
    for (const file of files) {
      try {
        const reading = await pool.read(await bytesOf(file));
        const explanation = explain(await inputFor(ctx, reading), policy);
        if (options.json) sayJson({ file, ...explanation });
        else say(explanationText(file, reading.mail, explanation));
      } catch (error) {
        failures.push(`${file}: ${messageOf(error)}`);
      }
    }
  } finally {
    await pool.close();
  }
  if (failures.length > 0) throw new UserError(failures.join('\n'));
}
