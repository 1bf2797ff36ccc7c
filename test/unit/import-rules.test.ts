/** The import directions that biome.json enforces: a file for every rule, linted as it would be in its place. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const value = (from: string) => `import { thing } from '${from}';\nexport const used = thing;\n`;
const type = (from: string) => `import type { Thing } from '${from}';\nexport type Used = Thing;\n`;

const cases: [file: string, source: string, allowed: boolean][] = [
  ['src/pipeline/ok.ts', value('../model.ts') + value('../errors.ts').replaceAll(/thing|used/g, '$&2'), true],
  ['src/pipeline/ok-sibling.ts', value('./fold.ts'), true],
  ['src/pipeline/ok-library.ts', value('htmlparser2'), true],
  ['src/pipeline/ok-hash.ts', value('node:crypto'), true],
  ['src/pipeline/ok-policy-type.ts', type('../policy.ts'), true],
  ['src/pipeline/ok-notice-model.ts', type('../notice-model.ts'), true],
  ['src/pipeline/parse/ok-nested.ts', value('../../model.ts'), true],
  ['src/pipeline/policy-value.ts', value('../policy.ts'), false],
  ['src/pipeline/adapters.ts', value('../adapters/csv.ts'), false],
  ['src/pipeline/ledger.ts', type('../ledger/schema.ts'), false],
  ['src/pipeline/commands.ts', value('../commands/start.ts'), false],
  ['src/pipeline/console.ts', value('../console/pages.ts'), false],
  ['src/pipeline/stages.ts', value('../stages/store.ts'), false],
  ['src/pipeline/config.ts', value('../config.ts'), false],
  ['src/pipeline/ports.ts', type('../ports.ts'), false],
  ['src/pipeline/main.ts', value('../main.ts'), false],
  ['src/pipeline/workers.ts', value('../../workers/poll.ts'), false],
  ['src/pipeline/parse/nested.ts', value('../../ledger/mails.ts'), false],
  ['src/pipeline/lazily.ts', "export const used = import('../ledger/mails.ts');\n", false],
  ['src/pipeline/fs.ts', value('node:fs'), false],
  ['src/pipeline/fs-promises.ts', value('node:fs/promises'), false],
  ['src/pipeline/net.ts', value('node:net'), false],
  ['src/pipeline/child.ts', value('node:child_process'), false],
  ['src/adapters/ok.ts', value('../model.ts') + type('../ports.ts'), true],
  ['src/adapters/ok-fs.ts', value('node:fs'), true],
  ['src/adapters/ok-fold.ts', value('../pipeline/words/fold.ts'), true],
  ['src/adapters/ok-type.ts', type('../pipeline/parse.ts'), true],
  ['src/adapters/reader-thread.ts', value('../pipeline/parse.ts'), true],
  ['src/adapters/reader-ledger.ts', value('../ledger/mails.ts'), false],
  ['src/adapters/pipeline.ts', value('../pipeline/parse.ts'), false],
  ['src/adapters/ledger.ts', value('../ledger/mails.ts'), false],
  ['src/adapters/config.ts', value('../config.ts'), false],
  ['src/adapters/stages.ts', value('../stages/store.ts'), false],
  ['src/adapters/assemble.ts', value('../assemble.ts'), false],
  ['src/adapters/open-stores.ts', value('../open-stores.ts'), false],
  ['src/ledger/open-mailboxes.ts', value('../open-mailboxes.ts'), false],
  ['src/adapters/workers.ts', value('../../workers/poll.ts'), false],
  ['src/ledger/ok.ts', value('../errors.ts'), true],
  ['src/ledger/ok-notice-model.ts', type('../notice-model.ts'), true],
  ['src/ledger/pipeline.ts', value('../pipeline/parse.ts'), false],
  ['src/ledger/adapters.ts', value('../adapters/csv.ts'), false],
  ['src/ledger/commands.ts', value('../commands/start.ts'), false],
  ['src/ledger/stages.ts', value('../stages/store.ts'), false],
  ['src/ledger/main.ts', value('../main.ts'), false],
  ['src/commands/tickets.ts', value('../../workers/poll.ts'), false],
  ['src/commands/start.ts', value('../../workers/poll.ts'), true],
  ['src/commands/demo.ts', value('../../workers/daemon.ts'), true],
  ['src/console/app.ts', value('../main.ts'), false],
  ['src/config.ts', value('../workers/poll.ts'), false],
  ['src/main.ts', value('../workers/poll.ts'), true],
  ['test/integration/poll.test.ts', value('../../workers/poll.ts'), true],
];

it('refuses an import against the direction, and nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rules-'));
  copyFileSync('biome.json', join(folder, 'biome.json'));
  for (const [file, source] of cases) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), source);
  }
  const lint = ['lint', '--reporter=json', '--max-diagnostics=none', '.'];
  const { stdout, stderr } = spawnSync(join(process.cwd(), 'node_modules/.bin/biome'), lint, {
    cwd: folder,
    encoding: 'utf8',
  });
  const report = JSON.parse(stdout || JSON.stringify({ failed: stderr }));
  const refused = new Set<string>();
  for (const { category, location } of report.diagnostics) {
    if (category === 'lint/style/noRestrictedImports') refused.add(location.path.replace(/^\.\//, ''));
  }
  expect([...refused].sort()).toEqual(
    cases
      .filter(([, , allowed]) => !allowed)
      .map(([file]) => file)
      .sort(),
  );
});
