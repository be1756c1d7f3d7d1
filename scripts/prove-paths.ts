/** `npm run prove:paths [TRIES]`: reads under an exchange race; ours against the usual realpath-then-open. */
import { confinement, Workspace } from "../packages/tools/src/confine/index.ts";
import { race, readAll, realpathThenOpen } from "../packages/tools/test/race.ts";

const tries = Number(process.argv[2] ?? 20_000);
let workspace: Workspace | undefined;
const results = await race(tries, {
  "descriptor walk": (root, path) => {
    workspace ??= new Workspace(root);
    using file = workspace.openFile(path);
    return readAll(file.fd);
  },
  "realpath, then open": realpathThenOpen,
});
console.log(`confinement: ${confinement}`);
if (results === undefined) {
  console.log("No race here: python3 with renameat2 is needed.");
  process.exitCode = 1;
} else {
  for (const [name, { tries: n, inside, leaks, refused }] of Object.entries(results)) {
    console.log(`${name.padEnd(20)} tries ${n}, inside ${inside}, refused ${refused}, leaks ${leaks}`);
  }
  if (results["descriptor walk"]?.leaks !== 0) process.exitCode = 1;
}
