// A Lambda in a process of its own that starts no function: it answers every call at once, or holds all of them until
// it is told to let them go. Its first line of output is its port. With the environment's key it speaks TLS.
import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { decodePayload, encodePayload } from "../../src/aws/lambda-payload.ts";
import { decodeInvocation, encodeReply } from "../../src/backend/invocation-codec.ts";
import type { TaskResult } from "../../src/backend/task.ts";

const measures = { startMs: 0, readMs: 0, runMs: 0, writeMs: 0, readBytes: 0, peakBytes: 0 };
const holds = process.argv[2] === "hold";
const held: (() => void)[] = [];

/** A reply that says of every task that it gave `inline`. */
function replyTo(body: string): string {
  const payload = decodePayload(JSON.parse(body));
  if (payload.kind !== "message") throw new Error("not of this version");
  const { tasks } = decodeInvocation(payload.bytes);
  const results = tasks.map(({ index, attempt, inputs }): TaskResult => {
    const input = inputs[0]?.[0];
    const inline = input !== undefined && "inline" in input ? input.inline : new Uint8Array();
    const output = { bytes: inline.length, rows: 1, checksum: 0, inline };
    return { status: "done", index, attempt, output, existed: false, lazy: false, measures };
  });
  const facts = { environment: "bench", invocations: 2, startMs: 0, answerMs: 0 };
  return JSON.stringify(encodePayload(encodeReply({ ...facts, results })));
}

const serve: RequestListener = (request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => {
    const answer = (): void => {
      response.end(replyTo(Buffer.concat(pieces).toString()));
    };
    if (!holds) answer();
    else if (held.push(answer) === Number(process.argv[3])) console.log("all are held");
  });
};
const { BENCH_TLS_KEY: key, BENCH_TLS_CERTIFICATE: certificate = "" } = process.env;
const server =
  key === undefined
    ? createServer(serve)
    : createTlsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, serve);
server.listen(0, "127.0.0.1", 2048, () => {
  console.log((server.address() as AddressInfo).port);
});
process.stdin.on("data", () => {
  for (const answer of held.splice(0)) answer();
});
process.stdin.on("end", () => process.exit());
