// Writes files on this machine from a cloud, and kills itself before the file whose number it is given comes home.
import { awsBackend } from "../../../src/aws/aws-backend.ts";
import type { AwsOptions } from "../../../src/aws/aws-options.ts";
import type { Backend } from "../../../src/backend/backend.ts";
import { fromSequence } from "../../../src/bag.ts";
import { connect } from "../../../src/index.ts";

const [options = "", counter = "", pattern = "", killAt = ""] = process.argv.slice(2);

function killing({ sources }: Backend): Backend["sources"] {
  let writes = 0;
  return {
    expand: (each) => sources.expand(each),
    read: (file, range, signal) => sources.read(file, range, signal),
    write: async (url, bytes) => {
      if (url.startsWith("file:")) writes += 1;
      if (writes === Number(killAt)) process.kill(process.pid, "SIGKILL");
      await sources.write(url, bytes);
    },
    remove: (url) => sources.remove(url),
  };
}

const backend = await awsBackend(JSON.parse(options) as AwsOptions).open();
await using _client = await connect({
  progress: "none",
  backend: { ...backend, sources: killing(backend), close: () => backend.close() },
});
const lines = fromSequence(["a", "b", "c", "d"], { partitions: 4 }).map(async (line) => {
  await fetch(`${counter}${line}`);
  return line.repeat(3);
});
await lines.writeText(pattern);
