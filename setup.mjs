// Installs what package-lock.json asks for, once, before any npm script runs.
// Plain JavaScript for Node 18 and later: on a fresh clone there is nothing yet that reads TypeScript.
// Several commands may start at the same moment, so one installs while the others wait.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(fileURLToPath(import.meta.url));
const lockedNode = path.join("node_modules", "node", "bin", "node");
const pollMs = 200;
const waitMaxMs = 15 * 60_000;

/** What an installation depends on; another value means it has to be made anew. */
export function installationKey(lockText, platform, arch) {
  const hash = createHash("sha256").update(lockText).digest("hex");
  return `${hash} ${platform} ${arch}`;
}

/** The Node version a lock file pins, without the leading "v". */
export function lockedNodeVersion(lockText) {
  const version = JSON.parse(lockText).packages?.["node_modules/node"]?.version;
  if (typeof version !== "string")
    throw new Error("package-lock.json does not pin the node package");
  return version;
}

/** npm as [file, ...arguments]: the npm that runs this script, unless another tool does. */
export function npmCommand(execPath, npmExecpath) {
  const isNpm = npmExecpath !== undefined && path.basename(npmExecpath) === "npm-cli.js";
  return isNpm ? [execPath, npmExecpath] : ["npm"];
}

/** True while a process with this id exists, even one of another user. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Takes the lock file for this process; otherwise gives the id of the process that holds it. */
export function tryLock(file, pid) {
  // The id is written first and the file linked into place, so nobody ever reads half a lock.
  const draft = `${file}.${pid}`;
  fs.writeFileSync(draft, String(pid));
  try {
    fs.linkSync(draft, file);
    return { taken: true };
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  } finally {
    fs.unlinkSync(draft);
  }
  const holder = readIfPresent(file);
  if (holder !== undefined && !isAlive(Number(holder))) dropStale(file, holder, pid);
  return { taken: false, holder };
}

/** Moves a dead process's lock away; two may try at once, so it looks at what it really moved. */
function dropStale(file, holder, pid) {
  const aside = `${file}.stale.${pid}`;
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  if (fs.readFileSync(aside, "utf8") === holder) fs.unlinkSync(aside);
  else fs.renameSync(aside, file);
}

function readIfPresent(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function lockOrWait(file) {
  const deadline = Date.now() + waitMaxMs;
  let told = false;
  for (;;) {
    const attempt = tryLock(file, process.pid);
    if (attempt.taken) return;
    if (Date.now() > deadline) {
      throw new Error(
        `process ${attempt.holder} has held ${file} too long; remove the file if it is not installing`,
      );
    }
    if (!told) console.error(`setup: waiting for process ${attempt.holder}, which is installing`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

function install() {
  const [file, ...before] = npmCommand(process.execPath, process.env.npm_execpath);
  const flags = [
    "--include=dev",
    "--ignore-scripts=false",
    "--engine-strict=false",
    "--loglevel=error",
  ];
  // Everything goes to stderr: the last line on stdout belongs to the command that follows.
  const done = spawnSync(file, [...before, "ci", ...flags], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: file === "npm" && process.platform === "win32",
  });
  if (done.error) throw done.error;
  if (done.status !== 0)
    throw new Error(`npm ci ended with ${done.signal ?? `exit code ${done.status}`}`);
}

function checkNode(lockText) {
  const expected = `v${lockedNodeVersion(lockText)}`;
  const found = execFileSync(path.join(root, lockedNode), ["--version"], {
    encoding: "utf8",
  }).trim();
  if (found !== expected)
    throw new Error(`${lockedNode} is ${found}, the lock file asks for ${expected}`);
}

async function main() {
  const lockText = fs.readFileSync(path.join(root, "package-lock.json"), "utf8");
  const note = path.join(root, "node_modules", ".setup-note");
  const key = installationKey(lockText, process.platform, process.arch);
  const isReady = () => readIfPresent(note) === key && fs.existsSync(path.join(root, lockedNode));
  if (isReady()) return;
  const lock = path.join(root, ".setup-lock");
  await lockOrWait(lock);
  try {
    if (isReady()) return;
    console.error("setup: installing the locked packages");
    install();
    checkNode(lockText);
    fs.writeFileSync(note, key);
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

if (
  process.argv[1] !== undefined &&
  fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
) {
  main().catch((error) => {
    console.error(`setup: ${error.message}`);
    process.exitCode = 1;
  });
}
