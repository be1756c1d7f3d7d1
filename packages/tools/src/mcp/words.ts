/** A word of a command line, and whether any of it stood in quotes. */
export interface Word {
  text: string;
  quoted: boolean;
}

/**
 * A command line as words, by the quoting rules of a POSIX shell and nothing else of it: no variables, globs, pipes.
 * Undefined where a quote is left open.
 */
export function splitWords(line: string): Word[] | undefined {
  const words: Word[] = [];
  let text = "";
  let open = false;
  let quoted = false;
  const end = (): void => {
    if (open) words.push({ text, quoted });
    text = "";
    open = quoted = false;
  };
  for (let i = 0; i < line.length; i++) {
    const char = line[i] ?? "";
    if (/\s/.test(char)) {
      end();
      continue;
    }
    open = true;
    if (char === "'" || char === '"') {
      quoted = true;
      const close = closing(line, i, char);
      if (close === undefined) return undefined;
      const inner = line.slice(i + 1, close);
      text += char === "'" ? inner : inner.replace(/\\(["\\$`])/g, "$1");
      i = close;
    } else if (char === "\\" && i + 1 < line.length) {
      text += line[++i] ?? "";
      quoted = true;
    } else text += char;
  }
  end();
  return words;
}

function closing(line: string, from: number, quote: string): number | undefined {
  for (let i = from + 1; i < line.length; i++) {
    if (line[i] === "\\" && quote === '"') i++;
    else if (line[i] === quote) return i;
  }
  return undefined;
}
