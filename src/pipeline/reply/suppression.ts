/** Which failures of a mail mean that no mail to that address will ever arrive (RFC 3463, and the codes of Exchange). Pure. */

/** The address does not exist or is spelt wrong; .7 to .9 speak of the sender's. */
const BAD_ADDRESS = /^5\.1\.(?!(?:7|8|9)$)\d{1,3}$/;
/** The mailbox is switched off; full (.2) or too small for this mail (.3) it may be another one tomorrow. */
const DISABLED = /^5\.2\.1$/;
/** Nobody takes mail for that domain, or it goes round in circles; a server that is down or busy comes back. */
const NO_WAY = /^5\.4\.(?:0|1|4|6|8|14|310|312)$/;
/**
 * Whoever is there takes no mail from us, or is there no more. Not what says that our own signing or server is at fault (.3 to .9,
 * .20 to .27): by that we would stop writing to everybody.
 */
const NOT_WANTED = /^5\.7\.(?:1|2|13|17|18|1[23]\d)$/;

/** Whether mail to the address is kept back from now on. @param status of a delivery report, "5.1.1". */
export const isGoneForGood = (status: string | null): boolean =>
  status !== null && [BAD_ADDRESS, DISABLED, NO_WAY, NOT_WANTED].some((pattern) => pattern.test(status));
