/** What we use of html-to-text 10, which ships no types. */
declare module "html-to-text" {
  export interface Selector {
    selector: string;
    format?: string;
    options?: Record<string, string | number | boolean>;
  }

  export interface Options {
    wordwrap?: number | false;
    limits?: { maxInputLength?: number; maxDepth?: number; maxChildNodes?: number };
    selectors?: Selector[];
  }

  /** Makes a function that turns HTML into text. */
  export function compile(options: Options): (html: string) => string;
}
