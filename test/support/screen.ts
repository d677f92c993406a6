const escapeCharacter = "\u001b";
const sequence = /\[(\??\d*)([A-Za-z])/y;
const sequenceLengthMax = 10;

/**
 * What a terminal shows after `written` has been sent to it: lines, carriage returns, and the escape sequences that
 * move up, erase below and group frames. Any other sequence is an error: nobody has thought about it.
 */
export class Screen {
  readonly #lines: string[] = [""];
  #row = 0;
  #column = 0;
  #rest = "";
  #drawing = false;

  /** Whether what it shows is whole: neither a frame nor a sequence has only half arrived. */
  get isWhole(): boolean {
    return !this.#drawing && this.#rest === "";
  }

  get lines(): readonly string[] {
    return this.#lines.map((line) => line.trimEnd());
  }

  /** Takes what was sent next; a sequence may come in two pieces. */
  write(piece: string): void {
    const text = this.#rest + piece;
    this.#rest = "";
    for (let at = 0; at < text.length; ) {
      if (text[at] !== escapeCharacter) {
        this.#put(text[at++] ?? "");
        continue;
      }
      sequence.lastIndex = at + 1;
      const found = sequence.exec(text);
      if (found === null) {
        this.#rest = text.slice(at);
        if (this.#rest.length > sequenceLengthMax) throw new Error("an unknown escape sequence");
        return;
      }
      this.#control(found[1] ?? "", found[2] ?? "");
      at = sequence.lastIndex;
    }
  }

  #control(argument: string, letter: string): void {
    if (argument === "?2026") this.#drawing = letter === "h";
    else if (letter === "A") {
      this.#row -= Number(argument);
      if (this.#row < 0) throw new Error("the cursor leaves the screen");
    } else if (letter === "J" && argument === "") {
      this.#lines.length = this.#row + 1;
      this.#lines[this.#row] = (this.#lines[this.#row] ?? "").slice(0, this.#column);
    } else throw new Error(`escape sequence ${argument}${letter}`);
  }

  #put(character: string): void {
    if (character === "\r") this.#column = 0;
    else if (character === "\n") {
      this.#row += 1;
      this.#lines[this.#row] ??= "";
    } else {
      const line = (this.#lines[this.#row] ?? "").padEnd(this.#column);
      this.#lines[this.#row] =
        line.slice(0, this.#column) + character + line.slice(this.#column + 1);
      this.#column += 1;
    }
  }
}
