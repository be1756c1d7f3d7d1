/**
 * One seed for all properties, so that a red run means a change and can be run again. `FAST_CHECK_SEED` names another;
 * `random` draws a new one, as the nightly proofs do.
 */
import fc from "fast-check";

const asked = process.env["FAST_CHECK_SEED"] ?? "20261121";
if (asked !== "random") fc.configureGlobal({ seed: Number(asked) });
