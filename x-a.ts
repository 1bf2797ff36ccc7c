import { readMail } from './src/pipeline/read.ts';
import { loadPolicy } from './src/policy.ts';
import { readFileSync } from 'node:fs';
const policy = loadPolicy('policy');
for (const f of process.argv.slice(2)) { const r = await readMail(readFileSync(f), policy); const {parts, ...m}=r.mail; console.log(JSON.stringify({...m, enquiry:r.enquiry},null,1)); }
