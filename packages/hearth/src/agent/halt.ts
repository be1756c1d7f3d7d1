/**
 * An emergency stop as runs see it: while it is pulled no tool starts, and pulling it cancels the runs that go on. Whoever pulls and
 * lifts it is outside (`emergencyStop` of @hearth/tools).
 */
export interface Halt {
  /** Why nothing may start, while that is so. */
  readonly reason: string | undefined;
  /** Called when it is pulled, until the function given back is. */
  subscribe(pulled: (reason: string) => void): () => void;
}
