import type { Place } from "./estimate.ts";

/** One call's way from the line to its end. */
export class Ticket {
  readonly id: number;
  #granted = false;
  #failure: unknown;
  #place: Place | undefined;
  #wake: (() => void) | undefined;

  constructor(id: number) {
    this.id = id;
  }

  get granted(): boolean {
    return this.#granted;
  }

  /** The newest place in line. */
  get place(): Place | undefined {
    return this.#place;
  }

  grant(): void {
    this.#granted = true;
    this.#wake?.();
  }

  fail(error: unknown): void {
    this.#failure ??= error;
    this.#wake?.();
  }

  moveTo(place: Place): void {
    const before = this.#place?.position;
    this.#place = place;
    if (before !== undefined && before !== place.position) this.#wake?.();
  }

  /** Resolves when it is granted or its place is another than `position`; rejects where it is turned away. */
  async changed(position: number | undefined): Promise<void> {
    while (this.#failure === undefined && !this.#granted && this.#place?.position === position) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#wake = undefined;
    if (this.#failure !== undefined) throw this.#failure;
  }
}
