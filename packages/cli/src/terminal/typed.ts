/** What is typed while nothing shows it: plain characters, backspace, Ctrl-U; keys that move a cursor are passed over. */
export interface TypedAhead {
  keys(text: string): "interrupt" | undefined;
  paste(text: string): undefined;
  /** The line so far, taken out. */
  take(): string;
}

const CTRL_C = "\x03";
const CTRL_U = "\x15";

export function typedAhead(): TypedAhead {
  let line: string[] = [];
  return {
    keys(text) {
      for (const key of text.replace(/\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?/g, "")) {
        if (key === CTRL_C) {
          line = [];
          return "interrupt";
        }
        if (key === CTRL_U) line = [];
        else if (key === "\x7f" || key === "\b") line.pop();
        else if (key >= " ") line.push(key);
      }
      return undefined;
    },
    paste(text) {
      line.push(...text);
      return undefined;
    },
    take() {
      const text = line.join("");
      line = [];
      return text;
    },
  };
}
