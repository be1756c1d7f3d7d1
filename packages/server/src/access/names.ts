import { networkInterfaces } from "node:os";
import { UsageError } from "hearth";

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];
const EVERY_ADDRESS: ReadonlySet<string> = new Set(["0.0.0.0", "::", ""]);

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * The names that a service bound to `host` answers to: loopback's, its own addresses (a page on another name can't have an address for a
 * name), and those that were allowed.
 */
export function namesOf(host: string, allowed: readonly string[]): ReadonlySet<string> {
  const own = EVERY_ADDRESS.has(host)
    ? Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address))
    : [host];
  const names = [...LOOPBACK, ...own.map(bracketed), ...allowed.map((name) => name.replace(/:\d+$/, ""))];
  return new Set(names.map((name) => name.toLowerCase()));
}

function bracketed(address: string): string {
  return address.includes(":") && !address.startsWith("[") ? `[${address}]` : address;
}

/** The Host of a request without its port. */
export function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, "");
}

/** Origins as browsers write them. Raises `UsageError` for one that would let in everybody, or nobody. */
export function originsOf(allowed: readonly string[]): ReadonlySet<string> {
  return new Set(
    allowed.map((given) => {
      const origin = given.trim().replace(/\/$/, "").toLowerCase();
      if (/^[a-z][a-z\d+.-]*:\/\/[^\s/*?#@]+$/.test(origin)) return origin;
      throw new UsageError(`"${given}" is no origin.`, {
        remedy: "Name each one, such as https://chat.example.com; there is no form for all.",
      });
    }),
  );
}
