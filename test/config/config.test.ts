import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { defaultStackName } from "../../src/aws/deployment.ts";
import { awsBackend } from "../../src/aws.ts";
import type { LambdaskError } from "../../src/base/errors.ts";
import { markWorkerProcess } from "../../src/base/worker-process.ts";
import { regionOf, stackOf } from "../../src/cli/place.ts";
import { variableOf } from "../../src/config/environment.ts";
import { freezeSettings } from "../../src/config/resolve.ts";
import { schema, settingKeys } from "../../src/config/schema.ts";
import { config, connect, delayed, type Settings, withConfig } from "../../src/index.ts";
import { checkLocalOptions } from "../../src/local/local-options.ts";
import { errorOf, sharedClient, temporaryFolder } from "../client/support.ts";

const folder = temporaryFolder();
afterEach(() => vi.unstubAllEnvs());

let files = 0;
/** A configuration file with this text, which LAMBDASK_CONFIG names until the test ends. */
function configFile(text: string, name = "lambdask.config.ts"): string {
  const file = path.join(folder.path, String(files++), name);
  mkdirSync(path.dirname(file));
  writeFileSync(file, text);
  vi.stubEnv("LAMBDASK_CONFIG", file);
  return file;
}

async function failure(run: () => unknown): Promise<LambdaskError> {
  return (await errorOf(run)) as LambdaskError;
}

describe("what holds", () => {
  test("is the option, else the scope, the variable, the file, the default: the nearest that says something", () => {
    const file = configFile("export default { store: 'of the file', memory: 2 ** 30 };");
    expect(config.get("store")).toBe("of the file");
    expect(config.from("store")).toBe(`${file}: store`);
    expect(config.get("memory")).toBe(2 ** 30);
    vi.stubEnv("LAMBDASK_STORE", "of the variable");
    expect(config.get("store")).toBe("of the variable");
    expect(config.from("store")).toBe("LAMBDASK_STORE");
    withConfig({ store: "of the scope" }, () => {
      expect(config.get("store")).toBe("of the scope");
      expect(config.from("store")).toBe("withConfig: store");
      expect(checkLocalOptions({}).storeRoot).toBe(path.resolve("of the scope"));
      expect(checkLocalOptions({ store: "given" }).storeRoot).toBe(path.resolve("given"));
    });
    expect(checkLocalOptions({ store: "given" }).storeRoot).toBe(path.resolve("given"));
    vi.unstubAllEnvs();
    expect([config.get("store"), config.from("store")]).toEqual([
      ".lambdask",
      "the default of store",
    ]);
    expect(config.get("memory")).toBeUndefined();
  });

  test("is an inner scope's where it says something, and lasts after an await", async () => {
    const inner = await withConfig({ aws: { stack: "A", region: "r" } }, () =>
      withConfig({ aws: { stack: "B" } }, async () => {
        await Promise.resolve();
        return config.all().aws;
      }),
    );
    expect(inner).toMatchObject({ stack: "B", region: "r" });
    expect(config.get("aws.stack")).toBe("Lambdask");
  });

  test("of two scopes at the same time each has its own", async () => {
    const ask = async (stack: string): Promise<string> =>
      withConfig({ aws: { stack } }, async () => {
        for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
        return config.get("aws.stack");
      });
    expect(await Promise.all(["A", "B", "C"].map(ask))).toEqual(["A", "B", "C"]);
  });

  test("a scope that fails is over", () => {
    const fails = (): void =>
      withConfig({ store: "x" }, () => {
        throw new Error("no");
      });
    expect(fails).toThrow("no");
    expect(config.get("store")).not.toBe("x");
  });

  test("all() is what withConfig takes", () => {
    const all = withConfig({ compute: { retries: 3 }, scale: { min: 2 } }, () => config.all());
    expect(all).toMatchObject({ compute: { retries: 3 }, scale: { min: 2 }, inline: false });
    expect(withConfig(all, () => config.all())).toEqual(all);
  });
});

describe("variables", () => {
  test("are named by the setting: groups by two underscores, words by one", () => {
    expect(variableOf("store")).toBe("LAMBDASK_STORE");
    expect(variableOf("allFrames")).toBe("LAMBDASK_ALL_FRAMES");
    expect(variableOf("aws.stack")).toBe("LAMBDASK_AWS__STACK");
    expect(new Set(settingKeys.map(variableOf)).size).toBe(settingKeys.length);
  });

  test("are read as their setting's type", () => {
    vi.stubEnv("LAMBDASK_PROCESSES", "3");
    vi.stubEnv("LAMBDASK_MEMORY", "6 GiB");
    vi.stubEnv("LAMBDASK_ALL_FRAMES", "1");
    vi.stubEnv("LAMBDASK_INLINE", "false");
    vi.stubEnv("LAMBDASK_COMPUTE__PRIORITY", "-1.5");
    vi.stubEnv("LAMBDASK_AWS__REGION", "eu-central-1");
    expect(freezeSettings()).toMatchObject({
      processes: 3,
      memory: "6 GiB",
      allFrames: true,
      inline: false,
      "compute.priority": -1.5,
      "aws.region": "eu-central-1",
    });
    expect(checkLocalOptions({})).toMatchObject({
      scale: { min: 3, max: 3 },
      workerMemoryBytes: 2 * 2 ** 30,
    });
  });

  test("that are empty say nothing", () => {
    vi.stubEnv("LAMBDASK_STORE", "");
    vi.stubEnv("AWS_ENDPOINT_URL", "");
    expect(config.get("store")).toBe(".lambdask");
    expect(config.get("aws.endpoint")).toBeUndefined();
  });

  test("of AWS itself say its endpoint, unless our own says another", () => {
    vi.stubEnv("AWS_ENDPOINT_URL", "http://localhost:4566");
    expect(config.get("aws.endpoint")).toBe("http://localhost:4566");
    expect(config.from("aws.endpoint")).toBe("AWS_ENDPOINT_URL");
    vi.stubEnv("LAMBDASK_AWS__ENDPOINT", "http://localhost:1");
    expect(config.get("aws.endpoint")).toBe("http://localhost:1");
  });

  test("hold no functions: whoever sets one is told where it is said", async () => {
    vi.stubEnv("LAMBDASK_SET_UP_WORKER", "warm");
    const error = await failure(() => freezeSettings());
    expect(error.code).toBe("BAD_ARGUMENT");
    expect(error.message).toMatch(
      /^LAMBDASK_SET_UP_WORKER: a variable holds text, and setUpWorker is a function\n {2}fix: unset it, and say setUpWorker in lambdask\.config\.ts/,
    );
    vi.stubEnv("LAMBDASK_SET_UP_WORKER", "");
    expect(config.get("setUpWorker")).toBeUndefined();
  });

  test.each([
    ["LAMBDASK_PROCESSES", "many", "a whole number from 1 to 1024"],
    ["LAMBDASK_PROCESSES", " ", "a whole number from 1 to 1024"],
    ["LAMBDASK_SCALE__MAX", "0", "a whole number from 1 to 4096"],
    ["LAMBDASK_MEMORY", "much", "a positive number of bytes"],
    ["LAMBDASK_PROGRESS", "loud", 'one of "auto", "tty", "plain"'],
    ["LAMBDASK_INLINE", "yes", "true or false"],
    ["LAMBDASK_COMPUTE__RETRIES", "1.5", "a whole number from 0 to 1000"],
    ["LAMBDASK_COMPUTE__PRIORITY", "Infinity", "a finite number"],
    ["LAMBDASK_AWS__CONCURRENCY", "10001", "a whole number from 1 to 10000"],
    ["LAMBDASK_AWS__ENDPOINT", "notaurl", "a URL such as"],
    ["LAMBDASK_AWS__ENDPOINT", "s3://bucket", "a URL such as"],
  ])("%s=%s is refused when a client starts, with the rule", async (name, text, rule) => {
    vi.stubEnv(name, text);
    const error = await failure(() => connect({ inline: true, progress: "none" }));
    expect(error.code).toBe("BAD_ARGUMENT");
    expect(error.message).toContain(`${name}: expected ${rule}`);
    expect(error.message).toContain(JSON.stringify(text));
  });

  test.each([
    ["LAMBDASK_STOR", "did you mean LAMBDASK_STORE?"],
    ["LAMBDASK_AWS_STACK", "did you mean LAMBDASK_AWS__STACK?"],
    ["LAMBDASK_COLOUR_OF_BARS", "unset it, or give it another name"],
  ])("%s is no setting, which is an error", async (name, fix) => {
    vi.stubEnv(name, "x");
    const error = await failure(() => connect({ inline: true, progress: "none" }));
    expect(error.code).toBe("BAD_ARGUMENT");
    expect(error.message).toContain(name);
    expect(error.fix).toBe(fix);
  });
});

describe("a wrong setting", () => {
  test.each<[unknown, string, string | undefined]>([
    [{ proceses: 2 }, 'withConfig: unknown setting "proceses"', 'did you mean "processes"?'],
    [{ aws: { stak: "x" } }, 'unknown setting "aws.stak"', 'did you mean "aws.stack"?'],
    [{ stack: "x" }, 'unknown setting "stack"', 'did you mean "aws.stack"?'],
    [{ "aws.stack": "x" }, 'unknown setting "aws.stack"', "write it nested: aws: { stack: … }"],
    [{ dashboard: 1 }, 'unknown setting "dashboard"', undefined],
    [{ processes: 0 }, "withConfig: processes: expected a whole number from 1 to 1024", undefined],
    [
      { processes: "2" },
      'withConfig: processes: expected a whole number from 1 to 1024, got "2"',
      undefined,
    ],
    [{ memory: -1 }, "withConfig: memory: expected a positive number of bytes", undefined],
    [{ store: "" }, "withConfig: store: expected the path of a folder", undefined],
    [{ inline: "yes" }, "withConfig: inline: expected true or false", undefined],
    [
      { aws: { stack: 7 } },
      "withConfig: aws.stack: expected the name of a stack, got 7",
      undefined,
    ],
  ])("%j in a scope names itself, the place and the rule", async (settings, message, fix) => {
    const error = await failure(() => withConfig(settings as Settings, () => 1));
    expect(error.code).toBe("BAD_ARGUMENT");
    expect(error.message).toContain(message);
    if (fix !== undefined) expect(error.fix).toBe(fix);
  });

  test("is refused of an option by the same rule as of a scope", async () => {
    const option = await failure(() => awsBackend({ concurrency: 0 }));
    const scope = await failure(() => withConfig({ aws: { concurrency: 0 } }, () => 1));
    const rule = "expected a whole number from 1 to 10000, got 0";
    expect(option.message).toContain(`awsBackend: concurrency: ${rule}`);
    expect(scope.message).toContain(`withConfig: aws.concurrency: ${rule}`);
  });

  test("config.get names a setting that there is not", async () => {
    const error = await failure(() => config.get("aws.stak" as "aws.stack"));
    expect(error.fix).toBe('did you mean "aws.stack"?');
    expect((await failure(() => config.from(undefined as never))).code).toBe("BAD_ARGUMENT");
  });

  test("withConfig takes a function to call", async () => {
    const error = await failure(() => withConfig({}, 7 as never));
    expect(error.message).toContain("withConfig: expected a function to call, got 7");
  });
});

describe("the file", () => {
  test("may have types, imports of its own, and be JSON or plain JavaScript where it is named", () => {
    configFile(
      'import os from "node:os";\nconst n: number = os.EOL.length;\nexport default { processes: n } satisfies object;',
    );
    expect(config.get("processes")).toBe(1);
    configFile('{ "aws": { "stack": "FromJson" } }', "settings.json");
    expect(config.get("aws.stack")).toBe("FromJson");
    configFile('module.exports = { store: "cjs" };', "settings.cjs");
    expect(config.get("store")).toBe("cjs");
    configFile("export default { store: 'mjs' };", "settings.mjs");
    expect(config.get("store")).toBe("mjs");
  });

  test.each([
    [
      "export default {\n  store: 'a'\n  inline: true,\n};",
      /config\.ts:3: the configuration cannot be loaded: SyntaxError/,
    ],
    [
      "export default { store: nothing };",
      /cannot be loaded: ReferenceError: nothing is not defined/,
    ],
    ["enum A { b }\nexport default {};", /config\.ts:1: the configuration cannot be loaded.*enum/],
    ['import "./not-there.ts";\nexport default {};', /cannot be loaded: .*not-there\.ts/],
    [
      "await Promise.resolve();\nexport default {};",
      /a configuration cannot await at its top level/,
    ],
    ["export const settings = {};", /config\.ts: it has no default export/],
    [
      "export default { stor: 'x' };",
      /config\.ts: unknown setting "stor"\n.*did you mean "store"\?/,
    ],
    [
      "export default { memory: 'much' };",
      /config\.ts: memory: expected a positive number of bytes.*got "much"/,
    ],
  ])("%j is refused with its path and what is wrong", async (text, message) => {
    const file = configFile(text);
    const error = await failure(() => connect({ inline: true, progress: "none" }));
    expect(error.code).toBe("BAD_ARGUMENT");
    expect(error.message).toContain(file);
    expect(error.message).toMatch(message);
  });

  test("must be there if it is named", async () => {
    vi.stubEnv("LAMBDASK_CONFIG", path.join(folder.path, "nowhere.ts"));
    const error = await failure(() => config.get("store"));
    expect(error.message).toContain("LAMBDASK_CONFIG: there is no file");
  });

  test("must be a module or JSON: YAML and a folder are refused", async () => {
    const file = path.join(folder.path, "lambdask.yaml");
    writeFileSync(file, "processes: 1\n");
    for (const named of [file, folder.path]) {
      vi.stubEnv("LAMBDASK_CONFIG", named);
      const error = await failure(() => config.get("processes"));
      expect(error.message).toContain(`${named} is no file of TypeScript, JavaScript or JSON`);
    }
  });
});

describe("workers", () => {
  const cores = checkLocalOptions({}).scale.max;
  test("are counted by what is said nearest: a number or bounds", () => {
    vi.stubEnv("LAMBDASK_PROCESSES", "3");
    const bounds = { min: 2, max: 5 };
    expect(
      withConfig({ scale: bounds }, () => checkLocalOptions({ memory: "4 GiB" })).scale,
    ).toEqual(bounds);
    expect(checkLocalOptions({ scale: bounds, memory: "4 GiB" }).scale).toEqual(bounds);
    const counted = withConfig({ scale: bounds }, () => checkLocalOptions({ processes: 1 }));
    expect(counted.scale).toEqual({ min: 1, max: 1 });
    vi.unstubAllEnvs();
    const memory = "64 GiB";
    expect(withConfig({ scale: { max: 40 } }, () => checkLocalOptions({ memory })).scale).toEqual({
      min: 1,
      max: 40,
    });
    expect(withConfig({ scale: { min: 1 } }, () => checkLocalOptions({ memory })).scale).toEqual({
      min: 1,
      max: cores,
    });
  });

  test("are not counted by both said at one place", async () => {
    const settings = { processes: 2, scale: { min: 1, max: 2 } };
    const error = await failure(() => withConfig(settings, () => checkLocalOptions({})));
    expect(error.message).toContain("withConfig: processes: expected either processes or scale");
  });

  test("have bounds in order", async () => {
    const run = (): unknown =>
      withConfig({ scale: { min: 3, max: 2 } }, () => checkLocalOptions({}));
    expect((await failure(run)).message).toMatch(/withConfig: scale\.min.*at most max, which is 2/);
  });

  test("of too little memory: the error names who said the memory", async () => {
    vi.stubEnv("LAMBDASK_MEMORY", "100 MiB");
    const error = await failure(() => checkLocalOptions({ processes: 1 }));
    expect(error.message).toContain("LAMBDASK_MEMORY: 100 MiB for 1 processes is 100 MiB each");
  });
});

describe("chunks of inline runs", () => {
  test("are files only if the call or the scope says where", () => {
    vi.stubEnv("LAMBDASK_STORE", "/elsewhere");
    expect(checkLocalOptions({ inline: true }).storeRoot).toBeUndefined();
    const scoped = withConfig({ inline: true, store: "here" }, () => checkLocalOptions({}));
    expect(scoped).toMatchObject({ inline: true, storeRoot: path.resolve("here") });
  });
});

describe("settings of a computation", () => {
  const client = sharedClient({ inline: true });

  test("are those around the call: retries for what says nothing of its own", async () => {
    void client.current;
    const file = path.join(folder.path, "tries");
    const flaky = delayed((name: string) => {
      const { appendFileSync, readFileSync } = process.getBuiltinModule("node:fs");
      appendFileSync(name, ".");
      if (readFileSync(name, "utf8").length < 3) throw new Error("again");
      return "done";
    });
    const value = await withConfig({ compute: { retries: 2 } }, () => flaky(file).compute());
    expect(value).toBe("done");
    const other = path.join(folder.path, "other");
    const error = await failure(() =>
      withConfig({ compute: { retries: 2 } }, () => flaky(other).compute({ retries: 1 })),
    );
    expect(error.code).toBe("TASK_FAILED");
  });
});

describe("settings of AWS", () => {
  const deployment = {
    bucketName: "b",
    workerFunctionName: "f",
    protocolVersion: 1,
    memoryMb: 1769,
    timeoutS: 900,
    reservedConcurrency: undefined,
    scratchDays: 7,
  };

  test("fill in what awsBackend was not told, and are told by its runs", async () => {
    vi.stubEnv("LAMBDASK_AWS__REGION", "eu-central-1");
    vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    const lazy = withConfig({ aws: { stack: "Nightly" }, store: folder.path }, () =>
      awsBackend({ concurrency: 7, deployment }),
    );
    const backend = await lazy.open();
    expect(backend.settings).toEqual({
      store: folder.path,
      "aws.stack": "Nightly",
      "aws.region": "eu-central-1",
      "aws.endpoint": "http://127.0.0.1:9",
      "aws.concurrency": 7,
    });
    await backend.close();
  });

  test("say which stack a command is about, unless its flags do", async () => {
    vi.stubEnv("LAMBDASK_AWS__STACK", "Nightly");
    vi.stubEnv("LAMBDASK_AWS__REGION", "eu-central-1");
    expect([stackOf({}), regionOf({})]).toEqual(["Nightly", "eu-central-1"]);
    const flags = { stack: "Other", region: "us-east-1" };
    expect([stackOf(flags), regionOf(flags)]).toEqual(["Other", "us-east-1"]);
    expect((await failure(() => stackOf({ stack: "" }))).message).toContain("--stack: expected");
  });
});

test("the name of the stack by default is the deployment's", () => {
  expect(schema["aws.stack"].default).toBe(defaultStackName);
});

// The last one: it makes this process a worker for good.
test("a task has no settings", async () => {
  await using _client = await connect({ inline: true, progress: "none" });
  const ask = delayed(() => config.get("store"));
  const error = await failure(() => ask().compute());
  expect(error.message).toContain("config.get: a task has no settings");
  markWorkerProcess();
  for (const call of [() => config.all(), () => withConfig({}, () => 1)]) {
    expect((await failure(call)).code).toBe("LAZY_MISUSE");
  }
});
