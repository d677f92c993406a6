// The runtime client that a function's process starts with: takes invocations from the Runtime API, calls the handler,
// and sends back what came of it. It stands in for the one in Lambda's own image and behaves as that does.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

const { env } = process;
const [host, port] = (env.AWS_LAMBDA_RUNTIME_API ?? "").split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let requestId = "";

/** One call of the Runtime API. */
function call(method, name, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const options = { host, port, agent, method, path: `/2018-06-01/runtime/${name}` };
    const request = http.request({ ...options, headers: { ...headers, ...length } }, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("end", () =>
        resolve({ headers: response.headers, body: Buffer.concat(pieces).toString() }),
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** What was thrown, as Lambda shows it. */
function described(thrown) {
  const isError = typeof thrown === "object" && thrown !== null && "stack" in thrown;
  return isError
    ? { errorType: thrown.name, errorMessage: thrown.message, trace: `${thrown.stack}`.split("\n") }
    : { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
}

async function report(name, thrown) {
  const error = described(thrown);
  const type = { "lambda-runtime-function-error-type": error.errorType };
  await call("POST", name, JSON.stringify(error), type);
}

function failure(name, message) {
  return Object.assign(new Error(message), { name });
}

/** The function's module; why it cannot be loaded has a type of its own. */
async function loaded(file) {
  try {
    return await import(pathToFileURL(file).href);
  } catch (thrown) {
    const isMissing = ["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"].includes(thrown?.code);
    if (isMissing) throw failure("Runtime.ImportModuleError", String(thrown));
    if (thrown instanceof SyntaxError) throw failure("Runtime.UserCodeSyntaxError", String(thrown));
    throw thrown;
  }
}

async function loadHandler() {
  const place = env._HANDLER ?? "";
  const dot = place.lastIndexOf(".");
  const base = path.resolve(env.LAMBDA_TASK_ROOT ?? "", place.slice(0, dot));
  const file = [".js", ".mjs", ".cjs"].map((ending) => base + ending).find(fs.existsSync);
  if (file === undefined) {
    throw failure("Runtime.ImportModuleError", `Error: Cannot find module '${base}'`);
  }
  const found = (await loaded(file))[place.slice(dot + 1)];
  if (typeof found === "function") return found;
  throw failure("Runtime.HandlerNotFound", `${place} is undefined or not exported`);
}

function contextOf(headers) {
  const deadlineMs = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    awsRequestId: requestId,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
}

async function runOne(handler) {
  const { headers, body } = await call("GET", "invocation/next");
  requestId = headers["lambda-runtime-aws-request-id"];
  try {
    const result = await handler(JSON.parse(body), contextOf(headers));
    const text = JSON.stringify(result === undefined ? null : result);
    await call("POST", `invocation/${requestId}/response`, text);
  } catch (thrown) {
    console.error("Invoke Error", JSON.stringify(described(thrown)));
    await report(`invocation/${requestId}/error`, thrown);
  }
}

for (const level of ["log", "info", "warn", "error", "debug", "trace"]) {
  console[level] = (...values) => {
    const line = `${new Date().toISOString()}\t${requestId}\t${level.toUpperCase()}\t${format(...values)}`;
    process.stdout.write(`${line.replaceAll("\n", "\r")}\n`);
  };
}
process.on("uncaughtException", (thrown) => {
  console.error("Uncaught Exception", JSON.stringify(described(thrown)));
  process.exit(129);
});
process.on("unhandledRejection", (thrown) => {
  const name = "Runtime.UnhandledPromiseRejection";
  console.error(
    "Unhandled Promise Rejection",
    JSON.stringify({ ...described(thrown), errorType: name }),
  );
  process.exit(128);
});

let handler;
try {
  handler = await loadHandler();
} catch (thrown) {
  await report("init/error", thrown);
  process.exit(1);
}
for (;;) await runOne(handler);
