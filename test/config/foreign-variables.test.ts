import { afterEach, expect, test, vi } from "vitest";
import { awsBackend } from "../../src/aws.ts";
import { readText } from "../../src/bag.ts";
import { config, connect } from "../../src/index.ts";
import { errorOf, temporaryFolder } from "../client/support.ts";

const folder = temporaryFolder();
afterEach(() => vi.unstubAllEnvs());

test.each([
  ["AWS_ENDPOINT_URL", "localhost:4566"],
  ["AWS_ENDPOINT_URL", "notaurl"],
])("%s=%s, which is not ours, is refused where it is used", async (name, text) => {
  vi.stubEnv(name, text);
  await using client = await connect({ inline: true, progress: "none", store: folder.path });
  expect(await client.submit((n: number) => n + 1, 1).result()).toBe(2);
  expect(config.all().aws).not.toHaveProperty("endpoint");
  const refused = [
    () => config.get("aws.endpoint"),
    () => awsBackend(),
    () => readText("s3://bucket/x.txt").count().compute(),
  ];
  for (const use of refused) {
    const message = String(await errorOf(use));
    expect(message).toContain(`${name}: expected a URL such as`);
    expect(message).toContain(JSON.stringify(text));
  }
});
