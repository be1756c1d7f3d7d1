import { ToolError } from "hearth";

export const MANAGERS = ["pip", "npm", "go"] as const;
export type ManagerName = (typeof MANAGERS)[number];

interface Grammar {
  name: RegExp;
  version: RegExp;
  /** What a right one looks like. */
  example: string;
}

/**
 * What a name and a version may be. Nothing that a manager would take for a flag, a path, an address, a range or a file: PEP 508 and 440 (pip),
 * npm's names and semver (npm), module paths and versions (go).
 */
const GRAMMARS: Readonly<Record<ManagerName, Grammar>> = {
  pip: {
    name: /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$/,
    version:
      /^(?:\d{1,4}!)?\d{1,9}(?:\.\d{1,9}){0,5}(?:(?:a|b|rc)\d{1,6})?(?:\.post\d{1,6})?(?:\.dev\d{1,6})?(?:\+[A-Za-z0-9.]{1,40})?$/,
    example: 'name "requests", version "2.32.3"',
  },
  npm: {
    name: /^(?:@[a-z0-9][a-z0-9._-]{0,99}\/)?[a-z0-9][a-z0-9._-]{0,99}$/,
    version: /^\d{1,9}\.\d{1,9}\.\d{1,9}(?:-[0-9A-Za-z.-]{1,60})?$/,
    example: 'name "@scope/name" or "name", version "1.2.3"',
  },
  go: {
    name: /^[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?)+(?:\/[A-Za-z0-9_~](?:[A-Za-z0-9._~-]{0,98}[A-Za-z0-9_~])?){1,10}$/,
    version: /^v\d{1,9}\.\d{1,9}\.\d{1,9}(?:-[0-9A-Za-z.-]{1,80})?(?:\+incompatible)?$/,
    example: 'name "example.org/module", version "v1.2.3"',
  },
};

export interface Wanted {
  manager: ManagerName;
  name: string;
  version?: string;
}

/** Reads what is wanted; a `ToolError` says what a right name looks like. */
export function wanted(manager: string, name: string, version?: string): Wanted {
  const known = MANAGERS.find((one) => one === manager);
  if (known === undefined)
    throw new ToolError(`There is no manager "${manager.slice(0, 40)}".`, {
      remedy: `There are: ${MANAGERS.join(", ")}.`,
    });
  const grammar = GRAMMARS[known];
  const remedy = `Only plain names and exact versions are installed: ${grammar.example}.`;
  // A name that ends like an archive is a file to npm and pip.
  if (!grammar.name.test(name) || /\.(?:tgz|tar|gz|zip|whl|git)$/i.test(name))
    throw new ToolError(`"${name.slice(0, 80)}" is no name of a package for ${known}.`, { remedy });
  if (version === undefined || version === "" || version === "latest") return { manager: known, name };
  if (!grammar.version.test(version))
    throw new ToolError(`"${version.slice(0, 80)}" is no exact version for ${known}.`, { remedy });
  return { manager: known, name, version };
}
