import assert from "node:assert/strict";
import { test } from "node:test";
import { asHearthError, errorInfo, ModelNotFoundError } from "./errors.ts";
import { isFact } from "./events.ts";
import { exitCodeOf, STOP_REASONS } from "./outcome.ts";

test("an error tells its class, remedy and causes in an event, and no stack", () => {
  const cause = new Error("connect refused", { cause: new Error("ECONNREFUSED") });
  const info = errorInfo(new ModelNotFoundError("no model x", { remedy: "Pull it.", cause, status: 404 }));
  assert.deepEqual(info, {
    class: "ModelNotFoundError",
    message: "no model x",
    remedy: "Pull it.",
    causes: ["connect refused", "ECONNREFUSED"],
  });
});

test("a foreign error becomes an internal one that keeps its cause", () => {
  const foreign = new TypeError("x is not a function");
  const own = asHearthError(foreign);
  assert.equal(own.exitCode, 1);
  assert.equal(own.cause, foreign);
});

test("each stop reason has the exit code that interface.md promises", () => {
  const codes = Object.fromEntries(STOP_REASONS.map((reason) => [reason, exitCodeOf(reason)]));
  assert.equal(codes.answer, 0);
  assert.equal(codes.engine_error, 4);
  assert.equal(codes.cancelled, 130);
  assert.equal(new Set(Object.values(codes)).size, 4);
});

test("deltas and waits are progress, intents and results are facts", () => {
  assert.equal(isFact({ type: "text.delta" }), false);
  assert.equal(isFact({ type: "call.running" }), true);
  assert.equal(isFact({ type: "step.discarded" }), true);
});
