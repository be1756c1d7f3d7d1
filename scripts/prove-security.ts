/**
 * `npm run prove:security`: a real `hearth serve` with keys, and everything that must not come through, on every route that its own
 * document names. Prints what was tried of each kind; exit 1 when anything came out otherwise than it must.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { skip } from "../packages/server/test/process/support.ts";
import { testKeys } from "../packages/server/test/security/keys.ts";
import { probesOf } from "../packages/server/test/security/probes.ts";
import { routesOf } from "../packages/server/test/security/routes.ts";
import { startGuarded } from "../packages/server/test/security/service.ts";
import { revocationProbes, shareProbes, slowProbes } from "../packages/server/test/security/sockets.ts";
import { fileProbes, logProbes, publicProbes, startProbes } from "../packages/server/test/security/starts.ts";
import { probeAll, Tally } from "../packages/server/test/security/tally.ts";
import { modelProbes, tenantProbes } from "../packages/server/test/security/tenants.ts";

if (skip !== false) {
  console.log(`skipped: ${skip}`);
  process.exit(1);
}
const tally = new Tally();
const keys = testKeys();
await using service = await startGuarded(keys.records);
const { url } = service;
const routes = await routesOf(url, service.token);
const probes = routes.flatMap((route) =>
  probesOf(route, keys, new URL(url).host).map((probe) => ({
    name: `${route.method} ${route.template}`,
    probe,
  })),
);
await probeAll(url, probes, tally);
const lastAsked = (): string => JSON.stringify(service.engine.chats.at(-1)?.body.messages);
await tenantProbes(url, routes, keys, tally, lastAsked);
await modelProbes(url, routes, keys, tally);
await shareProbes(service, keys, tally);
await slowProbes(service, routes, keys, tally);
await revocationProbes(service, keys, tally);
await fileProbes(service, keys, tally);
const home = mkdtempSync(join(tmpdir(), "hearth-open-"));
await startProbes(service, home, tally);
rmSync(home, { recursive: true, force: true });
mkdirSync(home);
await publicProbes(service, home, tally);
rmSync(home, { recursive: true, force: true });
logProbes(service, keys, tally);

for (const [kind, { tried, faults }] of tally.kinds) {
  console.log(
    `${faults.length === 0 ? "ok  " : "FAIL"} ${kind.padEnd(24)} ${tried - faults.length}/${tried}`,
  );
  for (const fault of faults.slice(0, 5)) console.log(`       ${fault}`);
}
const failed = tally.faults.length;
console.log(
  `${routes.length} routes, ${tally.tried} probes: ${tally.tried - failed} as they must be, ${failed} not`,
);
process.exitCode = failed === 0 ? 0 : 1;
