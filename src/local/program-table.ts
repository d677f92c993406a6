import type { Program } from "../backend/program.ts";

/** Programs a worker keeps; a client and its worker forget the same ones, since both add in the same order. */
const programsMax = 256;

/** Programs by id, the oldest forgotten first. The client keeps one per worker to know what that worker has. */
export class ProgramTable<Body> {
  readonly #bodies = new Map<Program["id"], Body>();

  has(id: Program["id"]): boolean {
    return this.#bodies.has(id);
  }

  get(id: Program["id"]): Body | undefined {
    return this.#bodies.get(id);
  }

  add(id: Program["id"], body: Body): void {
    this.#bodies.set(id, body);
    if (this.#bodies.size <= programsMax) return;
    for (const oldest of this.#bodies.keys()) {
      this.#bodies.delete(oldest);
      return;
    }
  }
}
