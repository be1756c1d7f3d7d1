/** Jinja2's filters and tests. Owns what they do to values; the grammar that calls them is in `run/`. */
import type { Filter } from "./define.ts";
import { NUMBER_FILTERS } from "./numbers.ts";
import { mapFilter, selectFilter } from "./select.ts";
import { SEQUENCE_FILTERS } from "./sequences.ts";
import { tests } from "./tests.ts";
import { TEXT_FILTERS } from "./text.ts";

const filterNamed = (name: string): Filter | undefined => filters.get(name);
const testNamed = (name: string): Filter | undefined => tests.get(name);

export const filters: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ...TEXT_FILTERS,
  ...NUMBER_FILTERS,
  ...SEQUENCE_FILTERS,
  ["map", mapFilter(filterNamed)],
  ["select", selectFilter(testNamed, true, false)],
  ["reject", selectFilter(testNamed, false, false)],
  ["selectattr", selectFilter(testNamed, true, true)],
  ["rejectattr", selectFilter(testNamed, false, true)],
]);
