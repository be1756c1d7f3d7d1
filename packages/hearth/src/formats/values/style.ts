/** How a value is written. All spellings come out as canonical JSON text. */
export interface JsonStyle {
  /** Python literals: its escapes, tuples, quotes left unescaped inside a string. */
  python?: boolean;
  /** A quote of several characters around raw text, `<|"|>` for example, beside the common quotes. */
  quote?: string;
  /** Words without quotes are strings. */
  bareWords?: boolean;
  /** The value is a key written without quotes. */
  bareKey?: boolean;
}
