import type { FormatEvent } from "../types.ts";
import { TextBuilder } from "./builder.ts";
import { objectOf } from "./verdicts.ts";

/** The call being read: its name, and its arguments so far. */
export class CallRecord {
  started = false;
  name = "";
  private id: string | undefined;
  private readonly args = new TextBuilder();
  private readonly early = new TextBuilder();
  private repairs = new Set<string>();

  /** The name is known. Arguments that came before it are handed back, to be told now. */
  begin(name: string, id: string | undefined): string {
    this.started = true;
    this.name = name;
    this.id = id;
    this.args.clear();
    const early = this.early.toString();
    this.early.clear();
    return early;
  }

  startEvent(index: number): FormatEvent {
    const event = { type: "call.start" as const, index, name: this.name };
    return this.id === undefined ? event : { ...event, id: this.id };
  }

  /** False before the name is known: the piece is kept. */
  add(json: string): boolean {
    (this.started ? this.args : this.early).add(json);
    return this.started;
  }

  repair(name: string): void {
    this.repairs.add(name);
  }

  /** The whole call; undefined where its arguments are no object. */
  endEvent(index: number): FormatEvent | undefined {
    const args = objectOf(this.args.toString());
    if (args === undefined) return undefined;
    return {
      type: "call.end",
      index,
      name: this.name,
      ...(this.id === undefined ? {} : { id: this.id }),
      arguments: args,
      ...(this.repairs.size === 0 ? {} : { repairs: [...this.repairs] }),
    };
  }

  clear(): void {
    this.started = false;
    this.repairs = new Set();
    this.early.clear();
  }
}
