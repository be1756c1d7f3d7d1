/** Characters an average token takes; used only until the engine has counted something. */
export const CHARS_PER_TOKEN = 4;

/**
 * A tool result over this is stored outside the prompt: min(1,500 tokens, 10 % of the window). A run that is resumed may
 * finish calls before its window (0 until then) is known.
 */
export function resultCapTokens(windowTokens: number): number {
  return windowTokens > 0 ? Math.min(1500, Math.floor(windowTokens / 10)) : 1500;
}

/** Of a result over the cap, the head and the tail that stay, as shares of the cap: what is read rarely is not paid for in each step. */
const HEAD_SHARE = 0.3;
const TAIL_SHARE = 0.1;

export interface CappedResult {
  content: string;
  /** Set when something was left out: the whole text, to be stored. */
  whole?: string;
}

/**
 * Keeps the head and the tail of a result that is too long for the prompt, cut at line ends where one is near,
 * and says in its middle how much was left out and under which id the whole is kept; `readable`: the model can read it there.
 */
export function capResult(
  content: string,
  capTokens: number,
  artifactId: string,
  readable = false,
): CappedResult {
  const capChars = capTokens * CHARS_PER_TOKEN;
  if (content.length <= capChars) return { content };
  const headEnd = lineEnd(content, Math.floor(capChars * HEAD_SHARE));
  const tailStart = lineStart(content, content.length - Math.floor(capChars * TAIL_SHARE));
  const left = tailStart - headEnd;
  const note = `\n[… ${left.toLocaleString("en-US")} of ${content.length.toLocaleString("en-US")} characters left out; the whole result is kept as "${artifactId}"${readable ? ": read_result shows it" : ""} …]\n`;
  return {
    content: wellFormed(content.slice(0, headEnd)) + note + wellFormed(content.slice(tailStart)),
    whole: content,
  };
}

/** The estimate of a text's tokens where the engine can't count. */
export function estimateTokens(chars: number, charsPerToken: number = CHARS_PER_TOKEN): number {
  return Math.ceil(chars / charsPerToken);
}

function lineEnd(text: string, at: number): number {
  const near = text.lastIndexOf("\n", at);
  return near > at * 0.8 ? near : at;
}

function lineStart(text: string, at: number): number {
  const near = text.indexOf("\n", at);
  return near >= 0 && near < at + (text.length - at) * 0.2 ? near + 1 : at;
}

/** A cut may halve a surrogate pair; half of one is no text. */
function wellFormed(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed();
}
