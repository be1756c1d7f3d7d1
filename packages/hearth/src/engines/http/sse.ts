export interface ServerEvent {
  /** Name of the event; `message` where none was given. */
  event: string;
  /** Lines of data, joined by LF. */
  data: string;
}

/** Puts lines of an event stream together (WHATWG HTML, section 9.2.6). Comments, ids and retry hints are passed over. */
export class SseReader {
  #event = "";
  #data: string[] = [];

  /** The event that this line ends, if it does. */
  push(line: string): ServerEvent | undefined {
    if (line === "") return this.end();
    if (line.startsWith(":")) return undefined;
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    if (field === "data") this.#data.push(colon === -1 ? "" : valueAfter(line, colon));
    else if (field === "event") this.#event = colon === -1 ? "" : valueAfter(line, colon);
    return undefined;
  }

  /** The stream is over: servers leave out the last empty line, so what was begun counts. */
  end(): ServerEvent | undefined {
    const data = this.#data;
    const event = this.#event;
    this.#event = "";
    if (data.length === 0) return undefined;
    this.#data = [];
    return { event: event === "" ? "message" : event, data: data.length === 1 ? data[0]! : data.join("\n") };
  }
}

function valueAfter(line: string, colon: number): string {
  return line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
}
