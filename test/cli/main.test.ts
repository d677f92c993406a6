import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const main = path.resolve(import.meta.dirname, "../../src/cli/main.ts");

/** No region, no credentials, and nobody to ask for them. */
const bare = {
  PATH: process.env["PATH"],
  AWS_CONFIG_FILE: "/no/such/file",
  AWS_SHARED_CREDENTIALS_FILE: "/no/such/file",
  AWS_EC2_METADATA_DISABLED: "true",
};
const signedIn = { AWS_ACCESS_KEY_ID: "AKIAEXAMPLE7XYZ", AWS_SECRET_ACCESS_KEY: "test" };

interface End {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  file: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<End> {
  try {
    const ended = await promisify(execFile)(file, [...words], { env: { ...bare, ...env } });
    return { code: 0, ...ended };
  } catch (error) {
    const { code = 1, stdout = "", stderr = "" } = error as Partial<End>;
    return { code, stdout, stderr };
  }
}

async function doctor(env: NodeJS.ProcessEnv, ...words: readonly string[]): Promise<End> {
  return await run(process.execPath, [main, "doctor", ...words], env);
}

describe("the command line as a program", () => {
  test("ends quietly when its reader has read enough", async () => {
    const end = await run("sh", ["-c", `"${process.execPath}" "${main}" --help | head -c 0`]);
    expect(end).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

describe("the doctor, before it can ask anybody", () => {
  test("says that no region is set", async () => {
    const { code, stdout } = await doctor(signedIn);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL region +no region is set\n +fix: +set AWS_REGION/);
  });

  test("says that there are no credentials, in which region", async () => {
    const { code, stdout } = await doctor({}, "--region", "eu-central-1");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ok +region +eu-central-1$/m);
    expect(stdout).toMatch(/^FAIL credentials +there are no credentials\n +fix: +sign in/m);
  });

  test("says that nobody answers, and where", async () => {
    // Nobody listens on the port of "discard".
    const AWS_ENDPOINT_URL = "http://127.0.0.1:9";
    const { code, stdout } = await doctor({ ...signedIn, AWS_ENDPOINT_URL, AWS_REGION: "here-1" });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ok +region +here-1, at http:\/\/127\.0\.0\.1:9$/m);
    expect(stdout).toMatch(/^ok +credentials +access key …7XYZ$/m);
    expect(stdout).toMatch(/^FAIL stack .*cannot be reached/m);
  });
});
