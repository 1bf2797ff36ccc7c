import { readMail } from './src/pipeline/read.ts';
import { loadPolicy } from './src/policy.ts';
import { matchLabel } from './src/pipeline/labels.ts';
import { readingOf } from './src/pipeline/reading.ts';
import { LAYOUTS, filledIn, mailWith, templateBody } from './test/support/template-mails.ts';
const policy = loadPolicy('policy');
const R = readingOf(policy);
let n=0, bad=0;
for (const [code, l] of Object.entries(policy.labels.languages)) for (const [field, labels] of Object.entries(l.labels)) for (const label of labels!) for (const form of ['%: v','%','1) % - v','*%* : v','%\tv']) {
  n++; const m=matchLabel(R.labels, form.replace('%',label), code); if(!m||m.field!==field||m.language!==code){bad++; if (bad<30) console.log('label',code,field,JSON.stringify(form.replace('%',label)),m);} }
console.log('labels',n,'bad',bad, 'exact', R.labels.exact.size);
for (const [code, l] of Object.entries(policy.labels.languages)) for (const layout of LAYOUTS) {
  const {written, expected}=filledIn(code); const b=templateBody(l,written,layout); const {mail,enquiry}=await readMail(mailWith(b),policy);
  if (enquiry.language!==code) console.log(code,layout,'lang',enquiry.language);
  for (const [f,v] of Object.entries(expected)) { const g=(enquiry.fields as any)[f]; if(!g||g.value!==v) console.log(code,layout,f,JSON.stringify(v),g&&JSON.stringify(g.value), g?.source); else { const raw=(mail.parts as any)[g.source.part].slice(g.source.start,g.source.end); const w=(written as any)[f]; if(!raw.includes(w) && !w.startsWith(raw)) console.log('RAW',code,layout,f,JSON.stringify(raw)); } }
  for (const f of Object.keys(enquiry.fields)) if (!(f in expected)) console.log('extra',code,layout,f);
}
const raws=Object.entries(policy.labels.languages).flatMap(([code,l])=>LAYOUTS.map(x=>mailWith(templateBody(l,filledIn(code).written,x))));
for (let r=0;r<4;r++){ const t=performance.now(); for(let i=0;i<6;i++) for(const x of raws) await readMail(x,policy); const d=performance.now()-t; console.log((d/6/raws.length).toFixed(2),'ms/mail',(raws.length*6000/d).toFixed(0),'mails/s'); }
