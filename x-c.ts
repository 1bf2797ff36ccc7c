import { readMail } from './src/pipeline/read.ts';
import { loadPolicy } from './src/policy.ts';
import { readFileSync, readdirSync } from 'node:fs';
import { readHeaders } from './src/pipeline/headers.ts';
const policy = loadPolicy('policy');
let n=0; const slow:any[]=[];
for (const f of readdirSync('../shared/corpora',{recursive:true,withFileTypes:true})) if (f.isFile()) { const p=f.parentPath+'/'+f.name; const raw=readFileSync(p); const t=performance.now(); try { const r=await readMail(raw,policy); n++; const d=performance.now()-t; slow.push([d,p]);
 const body=raw.subarray(readHeaders(raw).bodyStart); const hasBody=body.some(b=>b>32);
 if (hasBody && r.mail.text===''&&r.mail.attachments.length===0) console.log('EMPTY',p,r.mail.quoted.length, r.mail.degraded);
 if (r.mail.degraded) console.log('degraded',p,r.mail.degradedBecause, JSON.stringify(r.mail.text.slice(0,60)));
 if (r.mail.kind!=='request') console.log(r.mail.kind,p,r.mail.kindBecause);
 if (Object.keys(r.enquiry.fields).length) console.log('fields',p,JSON.stringify(Object.fromEntries(Object.entries(r.enquiry.fields).map(([k,v])=>[k,v!.value]))));
 if (r.mail.from.address==='') console.log('nofrom',p, JSON.stringify(r.mail.from));
 } catch(e) { console.log('THROW',p,e); } }
slow.sort((a,b)=>b[0]-a[0]); console.log(n, slow.slice(0,8));
