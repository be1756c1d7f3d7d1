/** Every way for an engine, a model, a tool or a person to misbehave that we know of, over each way to a model. */
import { test } from "node:test";
import { skip } from "../guide/support.ts";
import { play, SCENARIOS } from "./run.ts";

for (const scenario of SCENARIOS) {
  for (const way of scenario.ways) {
    test(`${scenario.name} (${way})`, { skip: way === "raw" ? false : skip }, () => play(scenario, way));
  }
}
