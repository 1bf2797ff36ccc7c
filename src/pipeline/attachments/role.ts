/** What an attachment is to the person who handles the ticket: a picture of the problem, a file, or decoration. */
import type { AttachmentRole } from '../../model.ts';
import type { Pixels } from './pixels.ts';

export type Picture = {
  readonly filename: string;
  /** By its content. */
  readonly sniffed: string;
  readonly size: number;
  /** Shown within the text. */
  readonly inline: boolean;
  readonly pixels: Pixels | null;
  /** The text shows it in a signature or in the history below. */
  readonly inSignature: boolean;
};

/** Icons of social networks and tracking pixels: no screenshot is so small. */
const ICON_SIDE = 64;
const ICON_BYTES = 1_500;
/** A logo as signatures have it, also drawn for sharp screens: up to 600 by 200 there. A cropped message of an error is as large: in the text it is one. */
const LOGO_AREA = 120_000;
/** Where nobody knows the pixels. */
const LOGO_BYTES = 20_000;
const CALLED_LOGO = /(?:^|[^a-z])(?:logo|banner|signature|facebook|linkedin|twitter|instagram|youtube)(?:[^a-z]|$)/i;

/** By the mail alone. */
export function roleOf({ filename, sniffed, size, inline, pixels, inSignature }: Picture): AttachmentRole {
  if (!sniffed.startsWith('image/') || sniffed === 'image/svg+xml') return 'document';
  if (!inline) return 'screenshot';
  const isIcon = pixels ? Math.max(pixels.width, pixels.height) <= ICON_SIDE : size <= ICON_BYTES;
  const isSmall = pixels ? pixels.width * pixels.height <= LOGO_AREA : size <= LOGO_BYTES;
  return isIcon || (isSmall && (inSignature || CALLED_LOGO.test(filename))) ? 'logo' : 'screenshot';
}

/** So many other tickets of a domain with the very same picture: nobody sends one screenshot to so many. */
const TICKETS_WITH_A_LOGO = 2;

/** By what else came from the sender's domain. */
export const roleAmong = (role: AttachmentRole, otherTickets: number): AttachmentRole =>
  role === 'screenshot' && otherTickets >= TICKETS_WITH_A_LOGO ? 'logo' : role;
