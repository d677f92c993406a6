// One call on a cloud, in a program that does nothing else; with a second argument nobody closes its client.
import { awsBackend } from "../../../src/aws/aws-backend.ts";
import type { AwsOptions } from "../../../src/aws/aws-options.ts";
import { connect, delayed } from "../../../src/index.ts";

const [options = "", staysOpen] = process.argv.slice(2);
const client = await connect({
  progress: "none",
  backend: awsBackend(JSON.parse(options) as AwsOptions),
});
console.log(`result ${await delayed((n: number) => n + 1)(41).compute()}`);
if (staysOpen === undefined) await client.close();
