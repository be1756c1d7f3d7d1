import { isIP } from "node:net";
import { domainToUnicode } from "node:url";
import { isPublicAddress } from "./address.ts";
import { allow, ask, deny, type Judgement } from "./types.ts";

/** Public services whose names lead to any address one writes into them, this machine's too. */
const ANYWHERE =
  /(?:^|\.)(?:nip\.io|sslip\.io|xip\.io|localtest\.me|lvh\.me|vcap\.me|lacolhost\.com|rbndr\.us|1u\.ms|traefik\.me|fuf\.me|ulh\.us)$/;

export interface UrlRules {
  /** Hosts that may be reached: "example.com" is that host and all below it. Left out: every public host. */
  hosts?: readonly string[];
  /** Ports beside 80 and 443. */
  ports?: readonly number[];
}

/** Names that never belong to a public host (RFC 2606, 6761, 6762, 8375, 7686, and those of home and office networks). */
const LOCAL_NAMES =
  /(?:^|\.)(?:localhost|local|localdomain|internal|intranet|private|corp|home|lan|test|example|invalid|onion|home\.arpa|arpa)$/;

/**
 * Judges an address as written, without asking any name server. That every answer of the name server, the connected peer
 * and every redirect are judged too is the fetching tool's part.
 */
export function judgeUrl(input: string, rules: UrlRules = {}): Judgement {
  if (input.length > 4096) return deny("The URL is longer than 4,096 characters.");
  if (/[\s\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}]/u.test(input))
    return deny("The URL contains a blank, a control or an invisible character.");
  if (/[<>"{}|\\^`]/.test(input)) return deny("The URL contains a character that must be percent-encoded.");
  let url: URL;
  try {
    url = new URL(input);
  } catch {
    return deny('This is no URL. Write it whole, such as "https://example.com/page".');
  }
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return deny(`Only http and https are fetched, not ${url.protocol.slice(0, 20)}`);
  if (url.username !== "" || url.password !== "")
    return deny("A URL with a user name or password is not fetched.");
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  const host = url.hostname.replace(/\.$/, "").toLowerCase();
  const literal = host.startsWith("[") || isIP(host) !== 0;
  if (literal && !isPublicAddress(host))
    return deny(`${host} is an address of this machine, of a local network, or reserved.`);
  if (!literal) {
    if (!host.includes(".") || LOCAL_NAMES.test(host))
      return deny(`${host} is a name of this machine, of a local network, or reserved.`);
    if (ANYWHERE.test(host))
      return deny(`${host} belongs to a service whose names lead anywhere, this machine too.`);
    const trick = lookAlike(host);
    if (trick !== undefined) return deny(trick);
  }
  if (port !== 80 && port !== 443 && rules.ports?.includes(port) !== true)
    return deny(`Port ${port} is not fetched from, only 80 and 443.`);
  if (
    rules.hosts !== undefined &&
    !rules.hosts.some((one) => host === one.toLowerCase() || host.endsWith(`.${one.toLowerCase()}`))
  ) {
    return ask(`${host} is not on the list of hosts that may be reached.`);
  }
  return allow(
    literal
      ? `${host} is a public address.`
      : `${host} is a public name; its addresses are checked when it is fetched.`,
  );
}

/** Letters of Cyrillic, Greek and Armenian that look like Latin ones. */
const TWINS = /^[асԁеһіӏјкԛрѕѵԝхугоԍьзмнтвαβγεικνορτυχωօսոհցզգաբ0-9-]+$/u;
const SCRIPTS = ["Latin", "Cyrillic", "Greek", "Armenian", "Hebrew", "Arabic", "Cherokee", "Georgian"];

/** Why a name in other letters may be made to look like another name. */
function lookAlike(host: string): string | undefined {
  if (!host.includes("xn--")) return undefined;
  for (const label of domainToUnicode(host).split(".")) {
    if (label === "" || /^[\x20-\x7e]*$/.test(label)) {
      if (label.startsWith("xn--") || label === "") return "The host's name can't be read.";
      continue;
    }
    const scripts = SCRIPTS.filter((script) => new RegExp(`\\p{Script=${script}}`, "u").test(label));
    if (scripts.length > 1 || (scripts[0] !== "Latin" && TWINS.test(label))) {
      return `The host "${label.slice(0, 60)}" is written in letters that look like others.`;
    }
  }
  return undefined;
}
