import { loadPolicy } from './src/policy.ts';
import { readFileSync, readdirSync } from 'node:fs';
import { readingOf } from './src/pipeline/reading.ts';
import { layOut } from './src/pipeline/layout.ts';
const R=readingOf(loadPolicy('policy'));
for (const f of readdirSync('../shared/corpora/replies-multilang')) { const t=readFileSync('../shared/corpora/replies-multilang/'+f,'utf8'); const s=layOut({text:t,html:''},'',R).text(); console.log('=====',f,'\n'+s.text.slice(0,900)+'\n-----\n'+s.quoted.slice(0,260)); }
