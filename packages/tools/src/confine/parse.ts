import { posix, win32 } from "node:path";

/** Longest path taken, bytes (PATH_MAX of Linux). */
export const MAX_PATH_BYTES = 4096;
/** Longest part of a path, bytes (NAME_MAX of the common file systems). */
export const MAX_NAME_BYTES = 255;

/**
 * A path as parts below the root, or why it is none. `..` is kept: only the walk knows whether the part before it is a
 * folder or a link, and "link/../x" means different files in the two cases.
 */
export type ParsedPath = { parts: string[] } | { fault: string; remedy: string };

/** Names of devices on Windows: refused everywhere as they are usually written, so that a project can move between systems. */
const DEVICE =
  /^(?:con|prn|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|AUX)$|^(?:CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³])\.|^(?:CON|PRN|NUL|COM[0-9¹²³]|LPT[0-9¹²³])$/;
const DEVICE_ANY = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i;

/**
 * Reads a path as written. `roots`: the workspace, absolute, in each form a caller may know it (as given, and with its
 * own links resolved). Pure: looks at no file.
 */
export function parsePath(
  input: string,
  roots: readonly string[],
  platform: string = process.platform,
): ParsedPath {
  const windows = platform === "win32";
  const relative =
    'Give a path relative to the workspace, such as "src/main.ts"; "." is the workspace itself.';
  if (input.includes("\0")) return { fault: "The path contains a NUL character.", remedy: relative };
  if (Buffer.byteLength(input) > MAX_PATH_BYTES) {
    return { fault: `The path is longer than ${MAX_PATH_BYTES} bytes.`, remedy: relative };
  }
  if (/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(input)) {
    return { fault: "The path contains a control or direction character.", remedy: relative };
  }
  if (/%(?:2e%2e|2f|5c|00)/i.test(input)) {
    return { fault: `"${brief(input)}" is percent-encoded, which is not decoded here.`, remedy: relative };
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(input)) {
    return { fault: `"${brief(input)}" is a URL, not a path.`, remedy: relative };
  }
  if (/^~(?:$|\/|[a-z_][\w-]*(?:$|\/))/i.test(input)) {
    return {
      fault: `"${brief(input)}" begins with "~", which is not expanded here.`,
      remedy: `${relative} A file whose name begins with "~" is written "./~name".`,
    };
  }
  if (!windows && (input.includes("\\") || /^[a-z]:(?:\/|$)/i.test(input))) {
    return { fault: `"${brief(input)}" is written in the Windows way.`, remedy: 'Separate folders by "/".' };
  }
  const text = windows ? input.replaceAll("\\", "/") : input;
  const outside = { fault: `"${brief(input)}" is outside the workspace.`, remedy: relative };
  let parts = text.split("/").filter((part) => part !== "" && part !== ".");
  if (windows ? win32.isAbsolute(input) || /^[a-z]:/i.test(input) : posix.isAbsolute(text)) {
    const below = roots.map((root) => rest(parts, root, windows)).find((found) => found !== undefined);
    if (below === undefined) return outside;
    parts = below;
  }
  let depth = 0;
  for (const part of parts) {
    depth += part === ".." ? -1 : 1;
    if (depth < 0) return outside;
    const fault = nameFault(part, windows);
    if (fault !== undefined) return { fault, remedy: relative };
  }
  return { parts };
}

/** The parts below `root`, compared part by part: "/workspace-evil" does not begin with "/workspace". */
function rest(parts: string[], root: string, windows: boolean): string[] | undefined {
  const head = (windows ? root.replaceAll("\\", "/") : root).split("/").filter((part) => part !== "");
  const same = (a: string | undefined, b: string) =>
    windows ? a?.toLowerCase() === b.toLowerCase() : a === b;
  return head.every((part, index) => same(parts[index], part)) ? parts.slice(head.length) : undefined;
}

function nameFault(part: string, windows: boolean): string | undefined {
  if (Buffer.byteLength(part) > MAX_NAME_BYTES) {
    return `A name in the path is longer than ${MAX_NAME_BYTES} bytes.`;
  }
  const plain = part.normalize("NFKC");
  if (plain !== part && (/^\.{1,2}$/.test(plain) || /[/\\]/.test(plain))) {
    return `"${brief(part)}" only looks like another path.`;
  }
  if (DEVICE.test(part) || (windows && DEVICE_ANY.test(part))) {
    return `"${part}" is the name of a device on Windows.`;
  }
  if (part.includes("::$") || (windows && part.includes(":"))) {
    return `"${brief(part)}" names a stream of a file, not a file.`;
  }
  if (windows && part !== ".." && /[. ]$/.test(part)) {
    return `"${brief(part)}" ends with a dot or a space, which Windows drops.`;
  }
  return undefined;
}

function brief(text: string): string {
  const flat = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
  return flat.length > 80 ? `${flat.slice(0, 77)}…` : flat;
}
