/** Logs in to an SMTP server with an access token (SASL XOAUTH2), for each connection of nodemailer's pool. */
import type { Credentials } from '../ports.ts';

const XOAUTH2 = 'XOAUTH2';
const CONTINUE = 334;
const ACCEPTED = 235;

/** What nodemailer hands to a way of logging in of one's own. */
type Conversation = {
  readonly authMethods: readonly string[];
  sendCommand(command: string): Promise<{ readonly status: number; readonly text: string }>;
};

/**
 * A way of logging in for nodemailer's `customAuth`. A refused token is renewed once.
 * @param place host and port, for messages
 */
export function tokenLogin(credentials: Credentials, place: string, user: string) {
  return async ({ authMethods, sendCommand }: Conversation): Promise<void> => {
    if (!authMethods.includes(XOAUTH2))
      throw new Error(`${place} offers no OAuth login (XOAUTH2): use an app password for sending instead`);
    const accepts = async (token: string): Promise<boolean> => {
      const shown = Buffer.from(`user=${user}\u0001auth=Bearer ${token}\u0001\u0001`).toString('base64');
      const said = await sendCommand(`AUTH ${XOAUTH2} ${shown}`);
      // A refusal in detail is a question; the empty answer to it ends the attempt.
      const { status } = said.status === CONTINUE ? await sendCommand('') : said;
      return status === ACCEPTED;
    };
    const token = await credentials.current();
    if (await accepts(token)) return;
    const renewed = await credentials.renewed(token);
    if (renewed !== null && (await accepts(renewed))) return;
    throw new Error(`${place} refuses the access token of ${user}: check the scope and whose consent it is`);
  };
}
