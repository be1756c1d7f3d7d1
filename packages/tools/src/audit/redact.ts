/** Texts that are secrets wherever they stand: keys of known services, tokens in headers and URLs, private keys. */
const SECRETS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b(?:sk|pk|rk)-(?:proj-|ant-|or-|live_|test_)?[A-Za-z0-9_-]{16,}/g,
  /\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}|\bglpat-[A-Za-z0-9_-]{16,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  /\bhf_[A-Za-z0-9]{20,}|\bnpm_[A-Za-z0-9]{30,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g,
];
const AFTER_A_NAME =
  /((?:api[_-]?key|access[_-]?key|secret|token|password|passwd|pwd|authorization)(?:\\?["'])?\s*[:=]\s*(?:\\?["'])?(?:bearer\s+|basic\s+)?|\bbearer\s+)([^\s"'\\,;&]{6,})/gi;
const IN_A_URL = /(\/\/[^\s/:@]+:)([^\s/@]+)(@)/g;

const SECRET_NAME = /(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$/i;
const MASK = "[secret]";

/** A text without secrets: those of known shapes, and the values of this process's own secret variables. */
export function redact(
  text: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  let out = text;
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value.length >= 8 && SECRET_NAME.test(name)) out = out.replaceAll(value, MASK);
  }
  for (const pattern of SECRETS) out = out.replace(pattern, MASK);
  return out.replace(IN_A_URL, `$1${MASK}$3`).replace(AFTER_A_NAME, `$1${MASK}`);
}
