import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "../../..");
/** Where tools are kept between runs; git ignores it. */
export const toolsFolder: string = path.join(root, ".emulators");
const installMsMax = 10 * 60_000;

/** A server that is installed from Python's package index. */
export type PythonServer = "localstack" | "ministack";

/** Pip alone takes minutes where this takes seconds. */
const uvPin = "uv==0.13.9";
/** The pins hold for these versions of Python. */
const pythons = ["python3.11", "python3.12", "python3.13", "python3"];
const versionsAllowed = /^Python 3\.1[123]\./;

/** The Python that has the server's packages at exactly the pinned versions; installs them if it is not there. */
export async function pythonOf(server: PythonServer): Promise<string> {
  const pins = path.resolve(import.meta.dirname, "..", server, "requirements.txt");
  const hash = createHash("sha256").update(fs.readFileSync(pins)).digest("hex").slice(0, 12);
  const folder = path.join(toolsFolder, `${server}-${hash}`);
  const python = path.join(folder, "bin", "python");
  const complete = path.join(folder, "complete");
  if (fs.existsSync(complete)) return python;
  console.error(`${server}: installing its Python packages, once`);
  fs.mkdirSync(toolsFolder, { recursive: true });
  try {
    const base = await systemPython();
    const uv = await uvCommand(base);
    await install(uv, ["venv", "--quiet", "--clear", "--python", base, folder]);
    const exactly = ["--no-deps", "--requirement", pins, "--python", python];
    await install(uv, ["pip", "install", "--quiet", ...exactly]);
    fs.writeFileSync(complete, "");
  } catch (cause) {
    const where = path.relative(root, pins);
    throw new Error(`${server} cannot be installed: its pins are in ${where}`, { cause });
  }
  return python;
}

async function install(command: string, words: readonly string[]): Promise<void> {
  const env = { ...process.env, UV_PYTHON_DOWNLOADS: "never" };
  await run(command, [...words], { timeout: installMsMax, env });
}

/** The uv of this machine, or one that pip puts beside the servers. */
async function uvCommand(python: string): Promise<string> {
  const found = await run("uv", ["--version"]).catch(() => undefined);
  if (found !== undefined) return "uv";
  const folder = path.join(toolsFolder, uvPin.replace("==", "-"));
  const uv = path.join(folder, "bin", "uv");
  if (fs.existsSync(uv)) return uv;
  const quietly = ["--quiet", "--disable-pip-version-check", "--root-user-action=ignore"];
  await install(python, ["-m", "pip", "install", ...quietly, "--target", folder, uvPin]);
  return uv;
}

async function systemPython(): Promise<string> {
  for (const name of pythons) {
    const found = await run(name, ["--version"]).catch(() => undefined);
    if (found !== undefined && versionsAllowed.test(found.stdout)) return name;
  }
  throw new Error("Python 3.11, 3.12 or 3.13 is needed, with pip");
}
