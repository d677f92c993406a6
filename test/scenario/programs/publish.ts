// Publishes under a name what it makes, or reads what another program has published. Says what it has.
import { type Bag, fromSequence } from "../../../src/bag.ts";
import { connect } from "../../../src/index.ts";

const [store = "", verb = "", name = ""] = process.argv.slice(2);
await using client = await connect({ processes: 2, store, progress: "none" });
switch (verb) {
  case "publish": {
    const words = fromSequence(["to", "be", "or", "not", "to", "be"], { partitions: 3 });
    await client.publish(
      name,
      words.map((word) => `${word} ${Math.random()}`),
    );
    // Killed, not closed: what is published does not hang on its publisher's life.
    process.kill(process.pid, "SIGKILL");
    break;
  }
  case "read": {
    const found = await client.published<Bag<string>>(name);
    console.log(JSON.stringify(await found.compute()));
    const pairs = found.map((text) => text.split(" ")[0] ?? "").frequencies();
    console.log(JSON.stringify(await pairs.compute()));
    break;
  }
  default:
    await client.unpublish(name);
}
