/** The files of a policy folder as read -> the Policy that rules work with: the words of all languages stand beside the rules they belong to. */
import type { RequestNature, Severity } from '../model.ts';
import { byLanguage, type LanguagePolicy, type Languages } from '../policy-languages.ts';
import type { Files } from './schemas.ts';

/** Words by language. */
type Signals = Record<string, string[]>;
export type Assembled = Omit<Files, 'severity' | 'commitment'> & {
  labels: { languages: Languages };
  severity: {
    requestTypes: { name: string; nature: RequestNature; words: string[] }[];
    natures: Partial<Record<RequestNature, Signals>>;
    signals: Record<Severity, Signals>;
  } & Omit<Files['severity'], 'requestTypes' | 'natures'>;
  commitment: Files['commitment'] & { weekendSignals: Signals };
};
/** Everything a support lead can change, checked and frozen; `hash` is stamped on every decision. */
export type Policy = Readonly<Assembled> & { readonly hash: string };

/** The words of all languages beside the rules they belong to. The fallback language comes first: it has what languages share. */
export function assemble(loaded: Files, read: Languages): Assembled {
  const { fallbackLanguage } = loaded.outbound;
  const codes = Object.keys(read).toSorted((a, b) => Number(b === fallbackLanguage) - Number(a === fallbackLanguage));
  const languages = Object.fromEntries(codes.map((code) => [code, read[code] as LanguagePolicy]));
  const { requestTypes, natures } = loaded.severity;
  const signals = (severity: Severity) => byLanguage(languages, (entry) => entry.severities[severity]);
  return {
    ...loaded,
    labels: { languages },
    severity: {
      ...loaded.severity,
      requestTypes: requestTypes.map((type) => ({
        ...type,
        words: [...new Set(Object.values(languages).flatMap((entry) => entry.requestTypes[type.name] ?? []))],
      })),
      natures: Object.fromEntries(
        natures.map((nature) => [nature, byLanguage(languages, (entry) => entry.natures[nature])]),
      ),
      signals: { S1: signals('S1'), S2: signals('S2'), S3: signals('S3') },
    },
    commitment: { ...loaded.commitment, weekendSignals: byLanguage(languages, (entry) => entry.weekends) },
  };
}
