import { isObject, type JsonSchema } from "../../protocol/index.ts";

/** Finds what a `$ref` inside a schema means. Only local references: nothing is fetched. */
export interface SchemaIndex {
  find(ref: string, from: JsonSchema): unknown;
}

/** Parts of a schema that hold values, not schemas; an `$id` in them means nothing. */
const VALUES = new Set(["const", "enum", "default", "examples", "required", "type"]);
const MAX_NODES = 100_000;

export function indexOf(root: unknown): SchemaIndex {
  const byName = new Map<string, unknown>();
  /** The nearest schema above with an `$id`: what `#` means there. */
  const baseOf = new Map<object, unknown>();
  let indexed = false;

  const index = (): void => {
    indexed = true;
    const seen = new Set<object>();
    const stack: { node: unknown; base: unknown; id: string }[] = [{ node: root, base: root, id: "" }];
    for (let entry = stack.pop(); entry !== undefined && seen.size < MAX_NODES; entry = stack.pop()) {
      const { node } = entry;
      if (typeof node !== "object" || node === null || seen.has(node)) continue;
      seen.add(node);
      let { base, id } = entry;
      if (isObject(node)) {
        if (typeof node["$id"] === "string") {
          base = node;
          id = resolveId(node["$id"], id);
          byName.set(id.replace(/#$/, ""), node);
        }
        baseOf.set(node, base);
        for (const key of ["$anchor", "$dynamicAnchor"]) {
          if (typeof node[key] === "string") byName.set(`${id}#${node[key]}`, node);
        }
      }
      for (const [key, child] of Object.entries(node)) {
        if (!VALUES.has(key) || Array.isArray(node)) stack.push({ node: child, base, id });
      }
    }
  };

  return {
    find(ref, from) {
      if (!indexed && !/^#(?:\/|$)/.test(ref)) index();
      if (!indexed && isObject(root) && JSON.stringify(Object.keys(root)).includes("$id")) index();
      const base = baseOf.get(from) ?? root;
      const id = isObject(base) && typeof base["$id"] === "string" ? base["$id"] : "";
      const [name = "", fragment = ""] = splitRef(ref);
      const start = name === "" ? base : (byName.get(resolveId(name, id)) ?? byName.get(name));
      if (fragment === "") return start;
      if (!fragment.startsWith("/")) {
        return byName.get(`${resolveId(name, id)}#${fragment}`) ?? byName.get(`#${fragment}`);
      }
      return start === undefined ? undefined : pointed(start, fragment);
    },
  };
}

function splitRef(ref: string): [string, string] {
  const hash = ref.indexOf("#");
  return hash < 0 ? [ref, ""] : [ref.slice(0, hash), ref.slice(hash + 1)];
}

function resolveId(id: string, base: string): string {
  if (id === "") return base.replace(/#.*$/, "");
  try {
    return new URL(id, base || "schema:/").href.replace(/#$/, "");
  } catch {
    return id;
  }
}

/** What a JSON pointer leads to. */
function pointed(root: unknown, pointer: string): unknown {
  let node = root;
  for (const part of pointer.split("/").slice(1)) {
    let key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    try {
      key = decodeURIComponent(key);
    } catch {
      // A bare % is taken as it stands.
    }
    if (typeof node !== "object" || node === null || !Object.hasOwn(node, key)) return undefined;
    node = Reflect.get(node, key);
  }
  return node;
}
