/**
 * The way out of a sandbox, off unless hosts are listed by a trusted source: a proxy on our side, a forwarder inside, one stream between.
 * Owns what may connect to where, and the log of it. Does not own the judge of addresses (judge/), nor who lists the hosts (runtime's settings).
 */
export * from "./proxy.ts";
export * from "./wrap.ts";
