/** A process that heeds the stop and then never looks: its thread is busy. Argument: state folder. */
import { heedStop } from "@hearth/runtime";

heedStop({ state: process.argv[2] ?? "" }, "busy", (text) => console.error(text));
process.stdout.write("busy\n", () => {
  for (;;);
});
