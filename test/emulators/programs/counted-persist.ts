// Persists a few stored values on a cloud whose tasks note each execution. It is killed and started again.
import { awsBackend } from "../../../src/aws/aws-backend.ts";
import type { AwsOptions } from "../../../src/aws/aws-options.ts";
import { fromSequence } from "../../../src/bag.ts";
import { connect } from "../../../src/index.ts";

const [options = "", counter = ""] = process.argv.slice(2);
const backend = awsBackend(JSON.parse(options) as AwsOptions);
await using _client = await connect({ backend, progress: "none" });
const values = fromSequence([1, 2, 3, 4, 5, 6], { partitions: 6 }).map(async (n) => {
  await fetch(`${counter}${n}`);
  return n * n;
});
const kept = await values.persist();
console.log(`sum ${await kept.sum().compute()}`);
// Neither released nor closed: what is kept stays.
process.exit();
