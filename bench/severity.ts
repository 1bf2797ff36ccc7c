/**
 * How well severity, nature and weekends are told from a mail's words: per language, for the statements that the word lists
 * were mended by and for those that nobody mended anything by, with the confusion, and the misses of the former.
 * node bench/severity.ts [--misses N] [--language CODE] [--policy FOLDER]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadPolicy, type Policy } from '../src/policy.ts';
import { accuracy, type JudgedStatement, judgeSeverities } from '../test/labelled/severity.ts';

/** Prints the tables. */
export function reportSeverities(policy: Policy, options: { language?: string | undefined; misses: number }): void {
  const judged = judgeSeverities(policy).filter(({ language }) => !options.language || language === options.language);
  const halves = {
    'worked with': judged.filter(({ half }) => half === 'worked with'),
    unseen: judged.filter(({ half }) => half === 'unseen'),
  };

  const figure = (share: number): string => (100 * share).toFixed(1).padStart(7);
  const figures = (some: readonly JudgedStatement[]): string => {
    const clear = some.filter(({ said }) => said.kind === 'clear');
    return [
      accuracy(clear, 'severity'),
      accuracy(some, 'severity'),
      accuracy(some, 'nature'),
      accuracy(some, 'weekend'),
    ]
      .map(figure)
      .join('');
  };
  for (const [half, some] of Object.entries(halves)) {
    console.log(`\nseverity, ${half}`.padEnd(29), '  clear    all nature weekend  count');
    const byLanguage: [string, readonly JudgedStatement[]][] = [...Map.groupBy(some, ({ language }) => language)];
    const byKind: [string, readonly JudgedStatement[]][] = [...Map.groupBy(some, ({ said }) => said.kind)];
    for (const [name, group] of [...byLanguage, ...byKind, ['overall', some] as const]) {
      console.log(`  ${name.padEnd(24)}${figures(group)}${String(group.length).padStart(7)}`);
    }
  }

  /** Rows: what people said; columns: what was read. */
  const confusion = (title: string, pick: (one: JudgedStatement) => [said: string, read: string]): void => {
    for (const [half, some] of Object.entries(halves)) {
      const pairs = some.map(pick);
      const columns = [...new Set(pairs.flat())].toSorted();
      console.log(`\n${title}, ${half}`.padEnd(40), columns.map((name) => name.slice(0, 10).padStart(11)).join(''));
      for (const row of columns) {
        const cells = columns.map((column) => pairs.filter(([said, read]) => said === row && read === column).length);
        if (cells.some((count) => count > 0)) {
          console.log(`  ${row.padEnd(38)}${cells.map((count) => String(count || '.').padStart(11)).join('')}`);
        }
      }
    }
  };
  const severities = (one: JudgedStatement): [string, string] => [
    one.said.severity ?? 'none',
    one.said.severity || one.read.nature !== one.said.nature ? one.read.severity : 'none',
  ];
  confusion('severity said and read', severities);
  confusion('nature said and read', ({ said, read }) => [said.nature, read.nature]);

  const misses = halves['worked with'].filter(({ right }) => !right.severity || !right.nature || !right.weekend);
  console.log(`\nmisses: ${misses.length}; the first ${options.misses}:`);
  for (const { language, number, said, read, because } of misses.slice(0, options.misses)) {
    const expected = { severity: said.severity ?? 'none', nature: said.nature, weekend: said.weekend ?? false };
    console.log(`  ${language} ${number}: ${said.text}\n    said ${JSON.stringify(expected)}`);
    console.log(`    read ${JSON.stringify(read)}: ${because.join('; ')}`);
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      misses: { type: 'string', default: '10' },
      language: { type: 'string' },
      policy: { type: 'string', default: join(import.meta.dirname, '..', 'policy') },
    },
  });
  reportSeverities(loadPolicy(values.policy), { language: values.language, misses: Number(values.misses) });
}
