import fs from "node:fs";
import path from "node:path";
import { type PythonServer, toolsFolder } from "./tools.ts";

/** How a server is started. */
export interface ServerSettings {
  /** What it answers when it is ready. */
  readonly healthPath: string;
  readonly arguments: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

const emulators = path.resolve(import.meta.dirname, "..");
const runtimeClient = path.join(emulators, "builtin", "lambda-runtime.mjs");
const services = "s3,lambda,sts,iam,logs,sqs,ssm,cloudwatch,cloudformation,ecr";

/** Settings of a server that listens on this port of 127.0.0.1 and keeps all it writes in `data`. */
export function settingsOf(server: PythonServer, port: number, data: string): ServerSettings {
  return server === "localstack" ? localstack(port, data) : ministack(port, data);
}

function localstack(port: number, data: string): ServerSettings {
  return {
    healthPath: "/_localstack/health",
    arguments: ["-m", "localstack.runtime.main"],
    variables: {
      PYTHONPATH: [pluginMetadata(data), path.join(emulators, "localstack")].join(path.delimiter),
      PYTHONPYCACHEPREFIX: path.join(toolsFolder, "pycache"),
      GATEWAY_LISTEN: `127.0.0.1:${port}`,
      GATEWAY_SERVER: "lambdask-loopback",
      SERVICES: services,
      STRICT_SERVICE_LOADING: "1",
      EAGER_SERVICE_LOADING: "0",
      FILESYSTEM_ROOT: data,
      TMPDIR: data,
      // It remembers which plugins there are by times of files, too coarsely for plugins that have just come.
      XDG_CACHE_HOME: path.join(data, "cache"),
      DNS_ADDRESS: "0",
      DISABLE_EVENTS: "1",
      SKIP_SSL_CERT_DOWNLOAD: "1",
      LAMBDA_RUNTIME_EXECUTOR: "lambdask-process",
      LAMBDASK_RUNTIME_CLIENT: JSON.stringify(functionCommand()),
      HOSTNAME_FROM_LAMBDA: "127.0.0.1",
      LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT: "60",
      LAMBDA_RETRY_BASE_DELAY: "1",
      MALLOC_ARENA_MAX: "2",
    },
  };
}

/** Functions see their own folder, the runtime client and a temporary folder, and nothing else of this machine. */
function functionCommand(): string[] {
  return [
    process.execPath,
    "--permission",
    "--allow-fs-read={folder}",
    "--allow-fs-read={temporary}",
    `--allow-fs-read=${runtimeClient}`,
    "--allow-fs-read=/proc/self/status",
    "--allow-fs-write={temporary}",
    runtimeClient,
  ];
}

/** LocalStack finds plugins by the metadata of installed packages; ours is not installed, so it is written here. */
function pluginMetadata(data: string): string {
  const folder = path.join(data, "plugin");
  const info = path.join(folder, "lambdask_localstack-1.0.dist-info");
  fs.mkdirSync(info, { recursive: true });
  const metadata = "Metadata-Version: 2.1\nName: lambdask-localstack\nVersion: 1.0\n";
  fs.writeFileSync(path.join(info, "METADATA"), metadata);
  fs.writeFileSync(
    path.join(info, "entry_points.txt"),
    `[localstack.lambda.runtime_executor]
lambdask-process = lambdask_localstack.executor:ProcessExecutorPlugin
[localstack.runtime.server]
lambdask-loopback = lambdask_localstack.host:LoopbackServerPlugin
[localstack.hooks.on_infra_start]
own_folder_for_objects = lambdask_localstack.host:own_folder_for_objects
limits_of_invoke = lambdask_localstack.host:limits_of_invoke
end_with_starter = lambdask_localstack.host:end_with_starter
`,
  );
  return folder;
}

function ministack(port: number, data: string): ServerSettings {
  const node = path.dirname(process.execPath);
  return {
    healthPath: "/_ministack/health",
    arguments: ["-m", "ministack"],
    variables: {
      PYTHONPYCACHEPREFIX: path.join(toolsFolder, "pycache"),
      GATEWAY_PORT: String(port),
      BIND_HOST: "127.0.0.1",
      MINISTACK_HOST: "127.0.0.1",
      IOT_MTLS_ENABLED: "0",
      SFTP_ENABLED: "0",
      LAMBDA_EXECUTOR: "local",
      LAMBDA_ASYNC_RETRY_BASE_SECONDS: "1",
      TMPDIR: data,
      // It takes the first node that it finds.
      PATH: [node, process.env["PATH"]].join(path.delimiter),
    },
  };
}
