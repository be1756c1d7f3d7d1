import { lookupError, valueError } from "../errors.ts";
import { checkItems } from "../limits.ts";
import { methods } from "./arguments.ts";
import { makeDict } from "./containers.ts";
import { index } from "./numbers.ts";
import { equal, toList } from "./operators.ts";
import { type Dict, NO_KEYWORDS, Tuple, type Value } from "./types.ts";

/**
 * Methods that change a list or dict. Python's sandbox refuses them; some templates (Kimi K2) are written for engines without
 * it. The values they change are copies of our own, so allowing them is safe; see `TemplateOptions.lenient`.
 */
export const LIST_MUTATOR_METHODS = methods<Value[]>({
  append: [
    "item /",
    (self, [item]) => {
      checkItems(1);
      self.push(item!);
      return null;
    },
  ],
  extend: [
    "items /",
    (self, [items]) => {
      for (const item of toList(items!)) self.push(item);
      return null;
    },
  ],
  insert: [
    "index item /",
    (self, [at, item]) => {
      checkItems(1);
      self.splice(index(at!), 0, item!);
      return null;
    },
  ],
  pop: [
    "index? /",
    (self, [at]) => {
      const position = at === undefined ? -1 : index(at);
      const [item] = self.splice(position, 1);
      if (item === undefined) throw lookupError("pop index out of range");
      return item;
    },
  ],
  remove: [
    "value /",
    (self, [value]) => {
      const at = self.findIndex((item) => equal(item, value!));
      if (at < 0) throw valueError("list.remove(x): x not in list");
      self.splice(at, 1);
      return null;
    },
  ],
  reverse: [
    "",
    (self) => {
      self.reverse();
      return null;
    },
  ],
  clear: [
    "",
    (self) => {
      self.length = 0;
      return null;
    },
  ],
});

export const DICT_MUTATOR_METHODS = methods<Dict>({
  update: [
    "other /",
    (self, [other]) => {
      for (const [key, value] of makeDict([other!], NO_KEYWORDS).entries()) self.set(key, value);
      return null;
    },
  ],
  setdefault: [
    "key default? /",
    (self, [key, fallback]) => {
      const value = self.get(key!);
      if (value !== undefined) return value;
      self.set(key!, fallback ?? null);
      return fallback ?? null;
    },
  ],
  pop: [
    "key default? /",
    (self, [key, fallback]) => {
      const value = self.get(key!);
      if (value === undefined && fallback === undefined) throw lookupError("no such key");
      self.delete(key!);
      return value === undefined ? (fallback ?? null) : value;
    },
  ],
  popitem: [
    "",
    (self) => {
      const entry = self.entries().at(-1);
      if (entry === undefined) throw lookupError("popitem(): dictionary is empty");
      self.delete(entry[0]);
      return new Tuple(entry);
    },
  ],
  clear: [
    "",
    (self) => {
      for (const key of self.keys()) self.delete(key);
      return null;
    },
  ],
});
