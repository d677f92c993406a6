/** One task: an index of a stage. */
interface TaskRef<S> {
  readonly stage: S;
  readonly index: number;
}

/** Tasks that are still to be looked at: work along a graph that may be a million tasks deep keeps its own stack. */
export class TaskStack<S> {
  readonly #stages: S[] = [];
  readonly #indexes: number[] = [];

  push(stage: S, index: number): void {
    this.#stages.push(stage);
    this.#indexes.push(index);
  }

  /** The task that was added last; `undefined` if there is none. */
  pop(): TaskRef<S> | undefined {
    const stage = this.#stages.pop();
    const index = this.#indexes.pop();
    return stage === undefined || index === undefined ? undefined : { stage, index };
  }
}
