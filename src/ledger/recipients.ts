/** One recipient and one company however they are spelt: domains are compared in punycode, without the dot of the root. */
import { domainToASCII, domainToUnicode } from 'node:url';

/** A domain as it is compared; in lower case as it stands when it is none. */
export function domainKey(domain: string): string {
  const bare = domain.toLowerCase().replace(/\.+$/, '');
  return domainToASCII(bare) || bare;
}

/** An address as it is compared. */
export function addressKey(address: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at + 1).toLowerCase()}${domainKey(address.slice(at + 1))}`;
}

/** What stands for the same domain, or the domain of the same address, in a column in lower case. */
export function spellingsOf(addressOrDomain: string): string[] {
  const key = addressKey(addressOrDomain);
  const at = key.lastIndexOf('@') + 1;
  const unicode = key.slice(0, at) + domainToUnicode(key.slice(at));
  return [...new Set([key, unicode, `${key}.`, `${unicode}.`, addressOrDomain.toLowerCase()])];
}
