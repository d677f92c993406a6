type Write = typeof process.stderr.write;

const begin = "\u001b[?2026h";
const end = "\u001b[?2026l";
const newline = 0x0a;

/**
 * Lines at the bottom of a terminal that are drawn over again; what others write meanwhile goes above them. Each frame
 * is one write. The cursor is never hidden, so there is nothing to restore however the program ends.
 */
export class LiveBlock {
  readonly #terminal: NodeJS.WriteStream = process.stderr;
  /** Lines on the screen. */
  #lines: readonly string[] = [];
  #drawnColumns = 0;
  /** Others have begun a line above the block and not ended it. */
  #begun = false;
  #restore: (() => void) | undefined;

  /** Columns and rows of the terminal. */
  size(): { readonly columns: number; readonly rows: number } {
    return { columns: this.#terminal.columns || 80, rows: this.#terminal.rows || 24 };
  }

  /** Draws `lines` in place of what is there. */
  draw(lines: readonly string[]): void {
    if (lines.length > 0) this.#intercept();
    this.#write(this.#erase() + this.#below(lines));
    this.#lines = lines;
    this.#drawnColumns = this.size().columns;
    if (lines.length === 0) this.#release();
  }

  /** Takes the block away. */
  clear(): void {
    if (this.#restore) this.draw([]);
  }

  /** Writes `lines` above the block, where they stay. */
  leave(lines: readonly string[]): void {
    this.#write(this.#erase() + this.#below([...lines, ...this.#lines]));
  }

  /** `lines` as they are written below what others wrote. */
  #below(lines: readonly string[]): string {
    const start = this.#begun && lines.length > 0 ? "\n" : "";
    if (start !== "") this.#begun = false;
    return start + joined(lines);
  }

  #erase(): string {
    if (this.#lines.length === 0) return "";
    // A terminal that has become narrower has wrapped the lines.
    const { columns } = this.size();
    const rows = this.#lines.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)),
      0,
    );
    const up = columns < this.#drawnColumns ? rows : this.#lines.length;
    return `\r\u001b[${up}A\u001b[J`;
  }

  #write(text: string): void {
    if (text === "") return;
    const write = this.#original ?? this.#terminal.write;
    Reflect.apply(write, this.#terminal, [begin + text + end]);
  }

  #original: Write | undefined;

  /** Has writes of others go above the block. */
  #intercept(): void {
    if (this.#restore) return;
    const streams = process.stdout.isTTY ? [process.stderr, process.stdout] : [process.stderr];
    const originals = streams.map((stream): [NodeJS.WriteStream, Write] => [stream, stream.write]);
    this.#original = this.#terminal.write;
    for (const [stream, original] of originals) {
      const above: Write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
        const write = (): boolean => Reflect.apply(original, stream, [chunk, ...rest]) as boolean;
        if (chunk.length === 0) return write();
        this.#write(this.#erase());
        const more = write();
        // A line that is not ended yet may go on; the next frame starts below it.
        this.#begun = !endsLine(chunk);
        if (this.#begun) this.#lines = [];
        else this.#write(joined(this.#lines));
        return more;
      };
      stream.write = above;
    }
    this.#restore = () => {
      for (const [stream, original] of originals) stream.write = original;
      this.#original = undefined;
    };
  }

  #release(): void {
    this.#restore?.();
    this.#restore = undefined;
    this.#begun = false;
  }
}

/** Whether what is written next starts a line. What workers print comes as bytes. */
function endsLine(chunk: string | Uint8Array): boolean {
  return typeof chunk === "string" ? chunk.endsWith("\n") : chunk.at(-1) === newline;
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
