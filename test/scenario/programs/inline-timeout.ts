// A task in this process that overruns its time however often it is tried: between two tries nothing else happens.
import { connect, delayed, isLambdaskError } from "../../../src/index.ts";

const [store = ""] = process.argv.slice(2);
await using _client = await connect({ inline: true, progress: "none", store });
const late = delayed((ms: number) => new Promise((resolve) => setTimeout(resolve, ms)), {
  timeoutMs: 10,
});
try {
  await late(100).compute();
} catch (error) {
  console.log(isLambdaskError(error) && error.code);
}
