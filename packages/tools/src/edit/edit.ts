import { type Tool, ToolError } from "hearth";
import { plural, showBytes, showName, WalkError, type Workspace } from "../confine/index.ts";
import { showDiff } from "./diff.ts";
import { changing, given, placeFor, replaceFile } from "./place.ts";
import { replaceText } from "./replace.ts";
import { encode, readText } from "./write.ts";

export function editFile(workspace: Workspace, maxBytes: number): Tool {
  return {
    name: "edit_file",
    description:
      "Replace a piece of text in a file. The old text must be in the file once, so give enough lines around it.",
    parameters: {
      type: "object",
      properties: {
        path: { type: "string", description: "The file." },
        old: { type: "string", description: "The text to replace, as it stands in the file.", minLength: 1 },
        new: { type: "string", description: "The text to put there; empty to delete." },
        all: { type: "boolean", description: "Replace it everywhere in the file.", default: false },
      },
      required: ["path", "old", "new"],
      additionalProperties: false,
    },
    effect: "once",
    reads: "private",
    source: "untrusted",
    egress: false,
    run: (args) =>
      changing(workspace, () => {
        const old = given(args, "old");
        if (old === "") throw new ToolError('"old" is empty.', { remedy: "Use write_file to make a file." });
        using place = placeFor(workspace, given(args, "path"), { makeFolders: false });
        const name = showName(place.path);
        if (place.now === undefined) throw new WalkError("ENOENT", place.path, place.folder.path, place.name);
        if (place.now.isDirectory()) throw new WalkError("EISDIR", place.path, place.folder.path, place.name);
        const before = readText(place);
        if (before === undefined) throw new ToolError(`${name} is no text file, or larger than 20 MB.`);
        // A file with "\r\n" is edited as if it had "\n", and written as it was.
        const crlf = before.text.includes("\r\n") && !/[^\r]\n/.test(before.text);
        const plain = (text: string) => (crlf ? text.replaceAll("\r\n", "\n") : text);
        const result = replaceText(
          plain(before.text),
          plain(old),
          plain(given(args, "new")),
          args["all"] === true,
        );
        if ("fault" in result) throw new ToolError(...why(name, result));
        const text = crlf ? result.text.replaceAll("\n", "\r\n") : result.text;
        const body = encode(text, before.encoding);
        if (body === undefined)
          throw new ToolError(
            `${name} is in the encoding ${before.encoding}, which lacks a character of the new text.`,
          );
        const bytes = Buffer.concat([before.bom, body]);
        if (bytes.length > maxBytes)
          throw new ToolError(`The file would become larger than ${showBytes(maxBytes)}.`);
        replaceFile(place, bytes);
        const diff = showDiff(plain(before.text), result.text);
        const how = result.how === "spaces" ? ", with the file's own spaces" : "";
        return {
          content: `Edited ${name}: ${plural(result.count, "place")}${how}.\n${diff}`,
          details: { path: place.path, count: result.count, how: result.how, bytes: bytes.length, diff },
        };
      }),
  };
}

function why(
  name: string,
  result: Extract<ReturnType<typeof replaceText>, { fault: string }>,
): [string, { remedy: string }] {
  if (result.fault === "many") {
    const lines = result.lines.slice(0, 10).join(", ");
    return [
      `The old text is in ${name} ${result.lines.length} times, at lines ${lines}.`,
      { remedy: 'Give more lines around it, or set "all".' },
    ];
  }
  if (result.near === undefined)
    return [`The old text is not in ${name}.`, { remedy: "Read the file first and copy the text from it." }];
  return [
    `The old text is not in ${name}. Line ${result.near.line} is nearest:\n${result.near.text}`,
    { remedy: "\nCopy the text as it stands there." },
  ];
}
