import { BlockList, isIP } from "node:net";

/**
 * Addresses that are no public host: from the IANA special-purpose registries (IPv4 and IPv6), and the addresses at
 * which clouds answer with credentials. IPv6 outside 2000::/3 is refused as a whole.
 */
const SPECIAL_4: readonly [string, number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];
const SPECIAL_6: readonly [string, number][] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["2620:4f:8000::", 48],
  ["3fff::", 20],
];

const special = new BlockList();
for (const [net, bits] of SPECIAL_4) special.addSubnet(net, bits, "ipv4");
for (const [net, bits] of SPECIAL_6) special.addSubnet(net, bits, "ipv6");
const global6 = new BlockList();
global6.addSubnet("2000::", 3, "ipv6");

/** Whether an address, as a name server or a socket gives it, is a public host. `own`: addresses of this machine. */
export function isPublicAddress(address: string, own: readonly string[] = []): boolean {
  const plain = address.replace(/^\[|\]$/g, "").toLowerCase();
  if (plain.includes("%") || own.includes(plain)) return false;
  const version = isIP(plain);
  if (version === 4) return !special.check(plain, "ipv4");
  return version === 6 && global6.check(plain, "ipv6") && !special.check(plain, "ipv6");
}
