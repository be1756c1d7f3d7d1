/** Words that stand in examples, documentation and lists of leaked passwords; what is made of them is no secret. */
const KNOWN =
  /pass(?:word|wort)?|secret|changeme|change[-_ ]?me|admin|root|test|demo|example|sample|default|hearth|ollama|openai|anthropic|master|token|api[-_ ]?key|your|key|sk|qwerty|letmein|welcome|dummy|local(?:host)?|none|null|deadbeef|cafebabe/gi;
/** Below this a key can be found by trying. */
export const MIN_KEY_BITS = 128;
const MIN_DIFFERENT = 10;

/**
 * Why a key that a person chose is too weak, or undefined. What is known, repeated or counted up is taken out; the rest is measured as
 * if it were random in its alphabet, which is the most it can be.
 */
export function weakness(key: string): string | undefined {
  if (/\s/.test(key)) return "it holds white space";
  if (!/^[\x21-\x7e]*$/.test(key)) return "it holds characters that a header can't carry";
  const rest = withoutRepeats(withoutSequences(key.replace(KNOWN, "")));
  const different = new Set(rest).size;
  const bits = Math.floor(rest.length * Math.log2(alphabetOf(rest)));
  if (bits < MIN_KEY_BITS || different < MIN_DIFFERENT)
    return `it has ${different < MIN_DIFFERENT ? "too few different characters" : `about ${bits} bits`}, and needs ${MIN_KEY_BITS} of chance`;
  return undefined;
}

/** How many different characters a text of this kind draws from. */
function alphabetOf(text: string): number {
  if (/^\d*$/.test(text)) return 10;
  if (/^[\da-f]*$/.test(text) || /^[\dA-F]*$/.test(text)) return 16;
  if (/^[\da-z]*$/.test(text) || /^[\dA-Z]*$/.test(text)) return 36;
  return 64;
}

/** Without `abcd`, `4321` and `aaaa`: characters that go on by the same small step. */
function withoutSequences(text: string): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const step = text.charCodeAt(i + 1) - text.charCodeAt(i);
    let end = i + 1;
    while (Math.abs(step) <= 1 && text.charCodeAt(end) - text.charCodeAt(end - 1) === step) end++;
    if (end - i < 3) out += text[i];
    else i = end - 1;
  }
  return out;
}

/** The part that repeats, once. */
function withoutRepeats(text: string): string {
  for (let length = 1; length <= text.length / 2; length++) {
    const part = text.slice(0, length);
    if (part.repeat(Math.ceil(text.length / length)).startsWith(text)) return part;
  }
  return text;
}
