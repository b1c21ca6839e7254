import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import * as ipaddr from 'ipaddr.js';

/** Networks that ipaddr.js takes for public ones: addresses in them stand for IPv4 addresses, which may be private. */
const TRANSLATED = ['::/96', '64:ff9b::/96', '64:ff9b:1::/48'].map((network) => ipaddr.IPv6.parseCIDR(network));

/**
 * Whether an address is one of the public internet: no private, shared, link-local, reserved or multicast one, and none
 * that stands for another address.
 */
export const isPublicAddress = (address: string): boolean => {
  if (isIP(address) === 0 || !ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || !TRANSLATED.some((network) => (parsed as ipaddr.IPv6).match(network));
};

/** That a request would leave the public internet. */
export class PrivateAddress extends Error {
  override readonly name = 'PrivateAddress';
}

/** Finds the addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/**
 * The addresses of a host that a request may go to. It must go to one of these and not ask for the name again: what that
 * says may have changed. Throws `PrivateAddress` when there is none, and what `resolve` throws.
 */
export const findAddresses = async (
  hostname: string,
  resolve: Resolve,
  allowPrivateAddresses: boolean,
): Promise<LookupAddress[]> => {
  const literal = hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(literal);
  const found = family === 0 ? await resolve(hostname) : [{ address: literal, family }];
  const allowed = found.filter(({ address }) => allowPrivateAddresses || isPublicAddress(address));
  if (allowed.length === 0) throw new PrivateAddress('The host has no address on the public internet');
  return allowed;
};
