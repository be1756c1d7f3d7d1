import type { Probe } from "./probes.ts";
import { ask } from "./raw.ts";

/** What was tried, by kind, and what came out otherwise than it must. */
export class Tally {
  readonly kinds = new Map<string, { tried: number; faults: string[] }>();

  add(kind: string, what: string, fault: string | false): void {
    const row = this.kinds.get(kind) ?? { tried: 0, faults: [] };
    this.kinds.set(kind, row);
    row.tried++;
    if (fault !== false) row.faults.push(`${what}: ${fault}`);
  }

  get tried(): number {
    return [...this.kinds.values()].reduce((sum, { tried }) => sum + tried, 0);
  }

  get faults(): string[] {
    return [...this.kinds].flatMap(([kind, { faults }]) => faults.map((fault) => `${kind}: ${fault}`));
  }
}

/** Probes at once: enough to be quick, too few to look like a flood. */
const AT_ONCE = 8;

export async function probeAll(
  url: string,
  probes: readonly { name: string; probe: Probe }[],
  tally: Tally,
): Promise<void> {
  const left = probes.values();
  const work = async (): Promise<void> => {
    for (const { name, probe } of left) {
      const { kind, what, wanted, fault } = probe;
      let found: string | false;
      try {
        const answer = await ask(url, probe.ask);
        found = wanted.includes(answer.status)
          ? (fault?.(answer) ?? false)
          : `${answer.status} instead of ${wanted.join(" or ")} ${answer.body.slice(0, 120)}`;
      } catch (error) {
        found = String(error);
      }
      tally.add(kind, `${name}, ${what}`, found);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
