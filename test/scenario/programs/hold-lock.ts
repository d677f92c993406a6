import { connect } from "../../../src/index.ts";

/** Holds a lock until it is killed. */
const [store = "", name = ""] = process.argv.slice(2);
const client = await connect({ inline: true, store, progress: "none" });
await client.lock(name).acquire();
console.log("held");
setInterval(() => undefined, 1000);
