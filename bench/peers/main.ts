/**
 * `npm run bench:peers -- NAME`: the same work here and in Dask distributed, one after the other in one run, each in
 * a process of its own; exits with 1 if ours is not as far ahead as wanted. The peer is set up from PyPI on first use, in a folder of the system's cache.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

interface Peer {
  readonly name: string;
  readonly describe: string;
  /** Times the peer's figure that ours must be ahead. */
  readonly atLeast: number;
  /** The file that both sides read. */
  readonly input?: keyof typeof inputs;
}

const peers: readonly Peer[] = [
  {
    name: "futures-10k",
    describe: "10,000 inc futures, map + gather; the peer's defaults",
    atLeast: 10,
  },
  {
    name: "futures-10k-saturated",
    describe: "the same; the peer with worker-saturation inf",
    atLeast: 10,
  },
  {
    name: "scatter-100m",
    describe: "100 MB of bytes put where workers read them (ours: in the store), median of 5",
    atLeast: 0.7,
  },
  {
    name: "gather-100m",
    describe: "100 MB that a task made brought to the client, median of 5",
    atLeast: 1,
  },
  { name: "tree-100k", describe: "100,000-task delayed tree sum, built and computed", atLeast: 20 },
  { name: "roundtrip", describe: "submit(inc).result(), median of 500", atLeast: 5 },
  {
    name: "wordcount-1g",
    describe: "word count of 1 GB of Zipf text through the bag",
    atLeast: 5,
    input: "text",
  },
  {
    name: "wordcount-1g-futures",
    describe: "the same against the peer's hand-written futures",
    atLeast: 1.5,
    input: "text",
  },
  {
    name: "jsonlines-500m",
    describe: "500 MB of JSON lines: filter, pluck and frequencies",
    atLeast: 2.5,
    input: "jsonLines",
  },
  {
    name: "foldby-1m",
    describe: "1 M small records made in 16 tasks and folded to 1,000 groups",
    atLeast: 3,
  },
  {
    name: "foldby-1m-persisted",
    describe: "the same of records that are kept; reported only (ours are read from the store)",
    atLeast: 0,
  },
  {
    name: "groupby-1m",
    describe: "1 M small records made and gathered in 1,000 groups; the peer by disk",
    atLeast: 5,
  },
  {
    name: "join-1m",
    describe: "1 M small records made, and joined with a list of 10,000",
    atLeast: 3,
  },
];

const here = import.meta.dirname;
const cache = process.env["LAMBDASK_PEERS"] ?? join(homedir(), ".cache", "lambdask-peers");
const python = join(cache, "venv", "bin", "python");

/** Files made once, by a script and from a seed. */
const inputs = {
  text: { file: "words-1g.txt", script: "make_text.py", bytes: 1_000_000_000, seed: 2 },
  jsonLines: { file: "log-500m.jsonl", script: "make_jsonlines.py", bytes: 500_000_000, seed: 3 },
} as const;

/** The newest Dask distributed from PyPI, in a virtual environment made with the system's own Python. */
function setUpPeer(): void {
  if (existsSync(join(cache, "venv", "ready"))) return;
  mkdirSync(cache, { recursive: true });
  console.error(`setting up the peer in ${cache}`);
  execFileSync("python3", ["-m", "venv", "--clear", join(cache, "venv")], { stdio: "inherit" });
  execFileSync(python, ["-m", "pip", "install", "--quiet", "distributed", "numpy"], {
    stdio: ["ignore", 2, 2],
  });
  execFileSync("touch", [join(cache, "venv", "ready")]);
}

function makeInput(input: keyof typeof inputs): string {
  const { file, script, bytes, seed } = inputs[input];
  const path = join(cache, file);
  if (existsSync(path)) return path;
  console.error(`making ${file}, once (about a minute)`);
  execFileSync(python, [join(here, "python", script), path, String(bytes), String(seed)]);
  return path;
}

function secondsOf(command: string, args: readonly string[]): number {
  const { OPENBLAS_CORETYPE: _core, OPENBLAS_L2_SIZE: _l2, ...env } = process.env;
  const output = execFileSync(command, args, {
    encoding: "utf8",
    env,
    cwd: cache,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const last = output.trim().split("\n").at(-1) ?? "";
  return (JSON.parse(last) as { seconds: number }).seconds;
}

function main(): void {
  const name = process.argv[2];
  const peer = peers.find((known) => known.name === name);
  if (peer === undefined) {
    for (const known of peers)
      console.log(`${known.name.padEnd(24)} ≥ ${known.atLeast} ×  ${known.describe}`);
    process.exitCode = name === undefined ? 0 : 2;
    return;
  }
  setUpPeer();
  const input = peer.input === undefined ? [] : [makeInput(peer.input)];
  const ours = secondsOf(process.execPath, [join(here, "ours.ts"), peer.name, ...input]);
  const theirs = secondsOf(python, [join(here, "python", "peer.py"), peer.name, ...input]);
  const ratio = theirs / ours;
  console.log(`${ratio.toFixed(1)} times the peer's speed, wanted: ${peer.atLeast}`);
  if (ratio < peer.atLeast) process.exitCode = 1;
  console.log(JSON.stringify({ bench: peer.name, ours, peer: theirs, ratio, unit: "s" }));
}

main();
