import type { AwsOptions } from "../../../src/aws/aws-options.ts";
import { awsBackend } from "../../../src/aws.ts";
import { connect } from "../../../src/index.ts";

/** Holds a lock of a stack until it is killed. */
const [options = "", name = ""] = process.argv.slice(2);
const backend = awsBackend(JSON.parse(options) as AwsOptions);
const client = await connect({ backend, progress: "none" });
await client.lock(name).acquire();
console.log("held");
setInterval(() => undefined, 1000);
