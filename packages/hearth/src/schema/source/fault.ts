/** A source that can't be read as a tool's definition; becomes a `ToolDefinitionError` where the tool is known. */
export class SourceFault extends Error {
  /** `tools.ts:12`, or only the file. */
  readonly place: string | undefined;
  /** The parameter, and the fields inside it. */
  readonly path: readonly string[];

  constructor(message: string, place?: string, path: readonly string[] = []) {
    super(message);
    this.place = place;
    this.path = path;
  }
}

/** Runs a reading of the field `key`; a fault in it then names the field. */
export function inField<T>(key: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SourceFault)) throw error;
    throw new SourceFault(error.message, error.place, [key, ...error.path]);
  }
}
