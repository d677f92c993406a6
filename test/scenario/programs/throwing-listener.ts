// Listeners that throw, of a future that ends and of one that has ended: their errors are the program's.
import { connect } from "../../../src/index.ts";

process.on("uncaughtException", ({ message }) => console.log("uncaught", message));
const [store = ""] = process.argv.slice(2);
await using client = await connect({ inline: true, progress: "none", store });
const doubles = client.map((n: number) => 2 * n, [1, 2, 3]);
const fail = (message: string) => (): never => {
  throw new Error(message);
};
for (const future of doubles) future.whenEnded(fail("while it ran"));
console.log(String(await client.gather(doubles)));
for (const future of doubles) future.whenEnded(fail("afterwards"));
console.log(String(await client.gather(client.map((n: number) => n + 1, doubles))));
