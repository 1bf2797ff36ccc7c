/** The configuration of a Dovecot 2.3 that lives in one temporary folder and listens on loopback only. */
import { execFileSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { join } from 'node:path';

export type DovecotUser = { readonly name: string; readonly password: string };

/** Whom the mail files belong to: Dovecot refuses to touch mail as root. */
export function mailOwner(): { uid: number; gid: number } {
  const { uid, gid } = userInfo();
  return uid === 0 ? { uid: 65534, gid: 65534 } : { uid, gid };
}

/** Where a user's Maildir lies. */
export const maildirOf = (folder: string, user: string): string => join(folder, 'mail', user);

export const oauthConfigPath = (folder: string): string => join(folder, 'oauth2.conf.ext');

/** oauth2.conf.ext: a token is worth what the server behind `introspectionUrl` says of it. */
export const oauthConfig = (introspectionUrl: string): string =>
  `introspection_url = ${introspectionUrl}\nintrospection_mode = get\nusername_attribute = email\nactive_attribute = active\nactive_value = yes\n`;

/** Outside root, every Dovecot process runs as the current user, without chroot. */
function processUsers(): string {
  const { uid, username } = userInfo();
  if (uid === 0) return '';
  const group = execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim();
  return `default_internal_user = ${username}\ndefault_login_user = ${username}\ndefault_internal_group = ${group}\n`;
}

/**
 * dovecot.conf: passwords in a file, Maildir storage, INBOX and Sent. `tls` serves implicit TLS with the
 * folder's certificate; `tokens` names the mechanisms that take tokens, which it has looked up as oauth2.conf.ext says. The penalty for a wrong password is off: it would delay the next login from this address by seconds.
 */
export function dovecotConfig(
  folder: string,
  port: number,
  { tls, tokens: mechanisms }: { tls: boolean; tokens: string },
): string {
  const { uid, gid } = mailOwner();
  const certificate = `ssl = yes\nssl_cert = <${join(folder, 'cert.pem')}\nssl_key = <${join(folder, 'key.pem')}\n`;
  const tokens = `passdb {
  driver = oauth2
  mechanisms = ${mechanisms}
  args = ${oauthConfigPath(folder)}
}
`;
  return `protocols = imap
listen = 127.0.0.1
base_dir = ${join(folder, 'run')}
state_dir = ${join(folder, 'state')}
log_path = ${join(folder, 'dovecot.log')}
disable_plaintext_auth = no
auth_mechanisms = plain login ${mechanisms}
auth_failure_delay = 0
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 50
mail_fsync = never
${tls ? certificate : 'ssl = no\n'}${processUsers()}mail_location = maildir:${maildirOf(folder, '%u')}
${mechanisms && tokens}passdb {
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN username_format=%u ${join(folder, 'users')}
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${join(folder, 'home', '%u')}
}
namespace inbox {
  inbox = yes
  mailbox Sent {
    auto = create
    special_use = \\Sent
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${tls ? 0 : port}
  }
  inet_listener imaps {
    port = ${tls ? port : 0}
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
`;
}
