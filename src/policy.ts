/** The policy a support lead edits: policy/*.yaml. Schemas, cross-checks and loading are in src/policy/; everybody imports from here. */
export type { Policy } from './policy/assemble.ts';
export { loadPolicy, readPolicy } from './policy/load.ts';
export type { LabelField, LanguagePolicy } from './policy-languages.ts';
