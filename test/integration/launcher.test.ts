/** bin/partner-intake in a fresh copy of the project, where `npm` is a stand-in that counts its calls and can fail. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { until } from '../support/wait.ts';

const MAIN = `
import { argv, cwd, pid, versions } from 'node:process';
const [, , command, ...rest] = argv as string[];
console.log(JSON.stringify({ command, rest, cwd: cwd(), pid, major: versions.node.split('.')[0] }));
if (command === 'wait') {
  process.once('SIGTERM', () => process.exit(7));
  setInterval(() => {}, 1000);
}
`;
const NPM = `#!/bin/sh
echo "$*" >>"$NPM_CALLS"
sleep "\${NPM_SECONDS:-0}"
[ -z "\${NPM_FAILS:-}" ] || { echo 'npm error 404 no such package' >&2; exit 1; }
mkdir -p node_modules/.bin
ln -sf "$REAL_NODE" node_modules/.bin/node
echo '{}' >node_modules/.package-lock.json
`;

let project: string;
let tools: string;
let env: Record<string, string>;

beforeEach(() => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'launcher-')));
  project = join(folder, 'the project');
  tools = join(folder, 'tools');
  for (const sub of ['bin', 'scripts', 'src']) mkdirSync(join(project, sub), { recursive: true });
  for (const file of ['bin/partner-intake', 'scripts/install.sh', 'package.json', 'package-lock.json']) {
    copyFileSync(file, join(project, file));
  }
  writeFileSync(join(project, 'src/main.ts'), MAIN);
  mkdirSync(tools);
  program('npm', NPM);
  program('node', `#!/bin/sh\nexec '${process.execPath}' "$@"\n`);
  for (const name of ['sh', 'readlink', 'dirname', 'find', 'tr', 'grep', 'paste', 'mkdir', 'ln', 'mv', 'rm'])
    borrow(name);
  for (const name of ['ps', 'sleep', 'cat', 'touch']) borrow(name);
  env = { PATH: tools, NPM_CALLS: join(folder, 'npm-calls'), REAL_NODE: process.execPath };
});

function program(name: string, source: string): void {
  writeFileSync(join(tools, name), source);
  chmodSync(join(tools, name), 0o755);
}

/** A machine with these programs and no others. */
function borrow(name: string): void {
  const found = ['/usr/bin', '/bin'].map((folder) => join(folder, name)).find(existsSync);
  if (found === undefined) throw new Error(`this machine has no ${name}`);
  symlinkSync(found, join(tools, name));
}

type Result = { code: number; stdout: string; stderr: string };
function launch(args: string[], { extra = {}, cwd = tmpdir(), program = join(project, 'bin/partner-intake') } = {}) {
  return new Promise<Result>((resolve) => {
    execFile(program, args, { env: { ...env, ...extra }, cwd }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

const npmCalls = () =>
  existsSync(env.NPM_CALLS ?? '')
    ? readFileSync(env.NPM_CALLS ?? '', 'utf8')
        .trim()
        .split('\n')
    : [];

it('installs on first use, silently, and never again', async () => {
  const first = await launch(['inspect', 'a file.eml', '']);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(first.stdout)).toMatchObject({ command: 'inspect', rest: ['a file.eml', ''], major: '24' });
  await launch(['inspect']);
  expect(npmCalls()).toEqual([expect.stringMatching(/^ci /)]);
  expect(existsSync(join(project, 'var/install.lock'))).toBe(false);
});

it('keeps the current directory, and finds the project through symbolic links', async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'links-')));
  symlinkSync(join(project, 'bin/partner-intake'), join(folder, 'absolute'));
  symlinkSync('absolute', join(folder, 'relative'));
  const result = await launch(['x'], { program: join(folder, 'relative'), cwd: folder });
  expect(JSON.parse(result.stdout)).toMatchObject({ cwd: folder });
});

it('installs again when package-lock.json is newer, or an installation was cut short', async () => {
  await launch(['x']);
  const soon = Date.now() / 1000 + 60;
  utimesSync(join(project, 'package-lock.json'), soon, soon);
  await launch(['x']);
  await launch(['x']);
  expect(npmCalls()).toHaveLength(2);
  rmSync(join(project, 'node_modules/.package-lock.json'));
  await launch(['x']);
  expect(npmCalls()).toHaveLength(3);
});

it('installs once when two start at the same time', async () => {
  const results = await Promise.all([1, 2, 3].map(() => launch(['x'], { extra: { NPM_SECONDS: '1' } })));
  expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(3).fill({ code: 0, stderr: '' }));
  expect(npmCalls()).toHaveLength(1);
});

it('takes over the lock of an installation that was killed', async () => {
  const dead = spawn('true');
  await once(dead, 'close');
  mkdirSync(join(project, 'var'));
  symlinkSync(String(dead.pid), join(project, 'var/install.lock'));
  expect(await launch(['x'])).toMatchObject({ code: 0, stderr: '' });
});

it('becomes the daemon: same pid, signals arrive, the exit code is kept', async () => {
  await launch(['x']);
  const child = spawn(join(project, 'bin/partner-intake'), ['wait'], { env });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await until(() => output.includes('\n'));
  expect(JSON.parse(output).pid).toBe(child.pid);
  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([7, null]);
});

it.each([
  ['no node', () => rmSync(join(tools, 'node')), /^partner-intake: Node\.js is missing: [^\n]+\n$/],
  ['no npm', () => rmSync(join(tools, 'npm')), /^partner-intake: npm is missing: [^\n]+\n$/],
  [
    'an old node',
    () => program('node', '#!/bin/sh\necho 18.20.4\n'),
    /^partner-intake: Node 18\.20\.4 is too old: install Node 20 or newer[^\n]+\n$/,
  ],
])('says in one line what is wrong: %s', async (_name, breakIt, words) => {
  breakIt();
  const { code, stdout, stderr } = await launch(['x']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(words);
});

it('shows the words of an npm that fails, and tries again at the next start', async () => {
  const failed = await launch(['x'], { extra: { NPM_FAILS: '1' } });
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(/^npm error 404 no such package\npartner-intake: npm ci failed[^\n]*\n$/);
  expect((await launch(['x'])).code).toBe(0);
});
