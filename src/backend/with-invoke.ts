import type { Invoker } from "./invoker.ts";

/** An invoker that is `invoker` in all but how it runs invocations. */
export function withInvoke(invoker: Invoker, invoke: Invoker["invoke"]): Invoker {
  return {
    invoke,
    get slots() {
      return invoker.slots;
    },
    onSlots: (listener) => invoker.onSlots(listener),
    scale: (target) => invoker.scale(target),
    hold: (active) => invoker.hold(active),
    ...(invoker.unwanted === undefined
      ? {}
      : { unwanted: (invocation, indexes) => invoker.unwanted?.(invocation, indexes) }),
    ...(invoker.restart === undefined ? {} : { restart: () => invoker.restart?.() }),
    close: () => invoker.close(),
  };
}
