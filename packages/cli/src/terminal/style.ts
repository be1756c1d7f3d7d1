import { styleText } from "node:util";

export type Style = Parameters<typeof styleText>[0];

/** Colours a text for a stream, unless that is no terminal or NO_COLOR is set. */
export type Paint = (style: Style, text: string) => string;

export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(style, text, { stream });
}
