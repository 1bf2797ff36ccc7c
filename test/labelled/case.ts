/** One mail of the labelled set: what was sent, and what a person reads off it. */
import type { FieldName } from '../../src/model.ts';

export type Expected = Readonly<Partial<Record<FieldName, string>>>;

export type LabelledCase = {
  readonly id: string;
  /** The language of the labels, or of the text where there are none. */
  readonly language: string;
  readonly layout: string;
  readonly from?: string;
  readonly cc?: string;
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
  readonly charset?: string;
  readonly encoding?: '8bit' | 'quoted-printable' | 'base64';
  readonly expect: Expected;
  /** What stands in the mail where it differs from the value: "zohocrm" for "Zoho CRM". */
  readonly raw: Expected;
  /** Fields whose label is of the list of other spellings. */
  readonly otherSpelling: readonly FieldName[];
  /** A second request stands below the first. */
  readonly second: boolean;
};
