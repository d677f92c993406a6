import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Deployment } from "../../src/aws/deployment.ts";
import { expirationRules, expirationsOf } from "../../src/aws/inspect-stack.ts";

const [on, off] = [{ Status: "Enabled" } as const, { Status: "Disabled" } as const];
const week = { Expiration: { Days: 7 } };

test("rules count that are on, remove by age and ask for a prefix at most", () => {
  const rules = [
    { ...on, ...week, Filter: { Prefix: "tmp/" } },
    { ...on, ...week, Prefix: "blob/" },
    { ...on, ...week },
    { ...off, ...week, Prefix: "bad/" },
    { ...on, Prefix: "inputs/", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
    { ...on, ...week, Filter: { Tag: { Key: "a", Value: "b" } } },
    { ...on, ...week, Filter: { And: { Prefix: "bad/", ObjectSizeGreaterThan: 1 } } },
  ];
  expect(expirationsOf(rules)).toEqual([
    { prefix: "tmp/", days: 7 },
    { prefix: "blob/", days: 7 },
    { prefix: "", days: 7 },
  ]);
});

test("rules are asked for where the environment says that S3 is, by the bucket's path", async () => {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(404, { "content-type": "application/xml" });
    response.end("<Error><Code>NoSuchLifecycleConfiguration</Code></Error>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  vi.stubEnv("AWS_ENDPOINT_URL_S3", `http://127.0.0.1:${port}`);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "id");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  const deployment = { bucketName: "bucket" } as Deployment;
  expect(await expirationRules(deployment, { region: "us-east-1" })).toEqual([]);
  expect(asked).toEqual([expect.stringMatching(/^\/bucket\/?\?lifecycle/)]);
});
