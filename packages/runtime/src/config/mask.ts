/**
 * Secrets never stand in output, logs or events: names that look like keys have their values masked, and values that
 * look like keys are masked wherever they stand.
 */
const SECRET_NAME =
  /(^|[_.-])(api[_-]?key|key|token|secret|password|passwd|credentials?|auth|cookie|dsn)s?$/i;
const SECRET_CAMEL = /(apiKey|Key|Token|Secret|Password|Credentials?)$/;

/** Values that are keys by their look: prefixes of well-known issuers, JWT, private keys, basic auth in URLs, bearer headers. */
const SECRET_VALUES: readonly RegExp[] = [
  /\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}/g,
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abposr]-|hf_|npm_|AIza|ya29\.)[A-Za-z0-9_-]{16,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /(?<=:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g,
  /(?<=\b(?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{8,}/gi,
];

/** `NAME=value`, `"name": "value"`, `name: value` with a name that looks like a key. */
const ASSIGNED =
  /((?:^|[\s"'{,;?&\\])[\w.-]*(?:token|(?:api[_-]?key|secret|password|passwd|credential)s?)["']?\s*[=:]\s*["']?)([^\s"',;&}]{4,})/gi;

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) || SECRET_CAMEL.test(name);
}

/** `sk-…cdef`: the last four characters tell keys apart, where there are enough to spare. */
export function maskValue(value: string): string {
  return value.length >= 16 ? `…${value.slice(-4)}` : "…";
}

/** Masks all secrets in a text: those known (whole values), and those that look like one. */
export function maskText(content: string, known: readonly string[] = []): string {
  let out = content;
  for (const secret of known) if (secret.length >= 4) out = out.replaceAll(secret, maskValue(secret));
  for (const pattern of SECRET_VALUES) out = out.replace(pattern, maskValue);
  return out.replace(ASSIGNED, (whole, head: string, value: string) =>
    value.startsWith("…") ? whole : head + maskValue(value),
  );
}

/** Values of the environment whose names look like keys: masked in logs wherever they turn up. */
export function secretsOf(env: Readonly<Record<string, string | undefined>>): string[] {
  const found = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && value.length >= 8 && isSecretName(name) ? [value] : [],
  );
  return found.sort((a, b) => b.length - a.length);
}
