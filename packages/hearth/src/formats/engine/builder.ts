/** Characters gathered before they are made one flat string. */
const BLOCK = 2048;

/**
 * A long text that grows in small pieces. Joining piece by piece alone leaves a tree of a node for each piece, which the
 * garbage collector then carries along; flat blocks keep the cost per character the same for any length.
 */
export class TextBuilder {
  private blocks: string[] = [];
  private tail = "";
  length = 0;
  /** Keeps the search from being optimised away. */
  searched = -1;

  add(piece: string): void {
    this.length += piece.length;
    this.tail += piece;
    if (this.tail.length < BLOCK) return;
    // A search makes V8 flatten the tree, and says nothing that matters.
    this.searched = this.tail.indexOf("\u0000\u0000");
    this.blocks.push(this.tail);
    this.tail = "";
  }

  clear(): void {
    this.blocks = [];
    this.tail = "";
    this.length = 0;
  }

  toString(): string {
    return this.blocks.length === 0 ? this.tail : this.blocks.join("") + this.tail;
  }
}
