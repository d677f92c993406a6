import { expect, test } from "vitest";
import { connect, delayed, withConfig } from "../../src/index.ts";

function countdown(n: number): unknown {
  return n === 0 ? "end" : delayed(countdown)(n - 1);
}

test("tasks may return delayed work 5,000 times one after another, where that is allowed", async () => {
  await using client = await connect({ inline: true, progress: "none" });
  await withConfig({ compute: { rounds: 5000 } }, async () => {
    expect(await client.submit(countdown, 5000).result()).toBe("end");
  });
});
