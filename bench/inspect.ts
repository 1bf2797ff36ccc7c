/**
 * How fast mails are read, in this process and through the reader pool: text mails a second, and MB/s for a 25 MB attachment.
 * node bench/inspect.ts
 */
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { createReaderPool } from '../src/adapters/reader-pool.ts';
import { readMail } from '../src/pipeline/mail/read.ts';
import { loadPolicy } from '../src/policy.ts';
import { filledIn, LAYOUTS, mailWith, templateBody } from '../test/support/template-mails.ts';

const SECONDS = 5;
const ATTACHMENT_MB = 25;
const LANGUAGES = ['en', 'es', 'pt', 'de', 'fr'];

const policy = loadPolicy(join(import.meta.dirname, '../policy'));
const [cpu] = cpus();
console.log(`${cpus().length} cores (${cpu?.model}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`);

const texts = LANGUAGES.flatMap((code) => {
  const language = policy.labels.languages[code];
  return language ? LAYOUTS.map((layout) => mailWith(templateBody(language, filledIn(code).written, layout))) : [];
});
const [plain] = texts;
if (!plain) throw new Error('no language is known');
const encoded = Buffer.alloc(ATTACHMENT_MB * 1_000_000, 'partner')
  .toString('base64')
  .replace(/.{76}/g, '$&\r\n');
const heavy = Buffer.from(
  `From: sam@partner.example\r\nSubject: Request\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nZOID: 76006415\r\n` +
    `--b\r\nContent-Type: video/mp4; name=screen.mp4\r\nContent-Transfer-Encoding: base64\r\n\r\n${encoded}\r\n--b--\r\n`,
);

const pool = createReaderPool({ policy });
const pooled = (raw: Buffer) => pool.read(raw);
const inProcess = (raw: Buffer) => readMail(raw, policy);
try {
  for (const [name, read, atOnce] of [
    ['in process', inProcess, 1],
    ['reader pool', pooled, 16],
  ] as const) {
    await measure(read, texts, atOnce, 1);
    const mails = await measure(read, texts, atOnce, SECONDS);
    const heavies = await measure(read, [heavy], Math.min(atOnce, 2), SECONDS);
    console.log(
      `${name}: ${mails.toFixed(0)} text mails/s (templates in ${LANGUAGES.length} languages and ${LAYOUTS.length} layouts), ` +
        `${((heavies * heavy.length) / 1e6).toFixed(0)} MB/s for a mail with a ${ATTACHMENT_MB} MB attachment (${(1_000 / heavies).toFixed(0)} ms each)`,
    );
  }
} finally {
  await pool.close();
}

/** Readings a second, `atOnce` at a time. */
async function measure(
  read: (raw: Buffer) => Promise<unknown>,
  mails: readonly Buffer[],
  atOnce: number,
  seconds: number,
): Promise<number> {
  const start = performance.now();
  let done = 0;
  const elapsed = () => (performance.now() - start) / 1_000;
  const work = async (): Promise<void> => {
    while (elapsed() < seconds) await read(mails[done++ % mails.length] as Buffer);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return done / elapsed();
}
