import { AsyncLocalStorage } from "node:async_hooks";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import { PassThrough } from "node:stream";
import { capture } from "../../../src/code/capture.ts";
import { type CaseFunction, CaseList, type MatrixCase } from "./case.ts";

const list = new CaseList();

/** What no worker could have, each with the way out. */
export const refusalCases: readonly MatrixCase[] = list.cases;

const handle = (variable: string): RegExp =>
  new RegExp(
    `cannot send \`${variable}[\\s\\S]*refusals\\.m?[jt]s:\\d+:\\d+[\\s\\S]*fix: make it inside`,
  );

list.refused(
  "import.meta",
  () => () => import.meta.url,
  /import\.meta[\s\S]*fix: compute the value/,
);
list.refused(
  "assignment to a captured variable",
  () => {
    let total = 0;
    return (x: number) => {
      total += x;
      return total;
    };
  },
  /assigns to `total`[\s\S]*refusals\.m?[jt]s:\d+:\d+[\s\S]*fix: return the value/,
);
list.refused(
  "variable without a value yet",
  () => {
    const f = (x: number): number => x + later;
    capture(f, { where: "test" });
    const later = 5;
    return f as CaseFunction;
  },
  /`later` has no value yet[\s\S]*fix: move this below/,
);
// biome-ignore lint/security/noGlobalEval: what is tested
list.refused("direct eval", () => () => eval("1+1"), /calls eval directly/);
list.refused(
  "captured arguments",
  () =>
    (function (..._all: number[]): CaseFunction {
      // biome-ignore lint/complexity/noArguments: what is tested
      return () => arguments[1];
    })(1, 22),
  /uses `arguments`[\s\S]*fix: .*rest parameter/,
);
declare const WebAssembly: {
  Memory: new (limits: { initial: number }) => { buffer: ArrayBuffer };
};
declare const __ownGlobal: number;
list.refused(
  "global of the program's own",
  () => {
    Object.assign(globalThis, { __ownGlobal: 4 });
    return () => __ownGlobal;
  },
  /`__ownGlobal` is a global variable that the program/,
);
list.refused(
  "Proxy",
  () => {
    const p = new Proxy({ a: 1 }, {});
    return () => p.a;
  },
  /`p`[\s\S]*it is a Proxy/,
);
list.refused(
  "Promise",
  () => {
    const p = Promise.resolve(1);
    return () => p;
  },
  /`p`[\s\S]*it is a Promise[\s\S]*fix: await it first/,
);
list.refused(
  "WeakMap",
  () => {
    const w = new WeakMap();
    return () => w;
  },
  /`w`[\s\S]*it is a WeakMap/,
);
list.refused(
  "generator object",
  () => {
    const g = (function* () {
      yield 1;
    })();
    return () => g.next();
  },
  /`g`[\s\S]*running generator[\s\S]*\[\.\.\.it\]/,
);
list.refused(
  "socket",
  () => {
    const socket = new net.Socket();
    return () => socket.destroyed;
  },
  handle("socket"),
);
list.refused(
  "nested server",
  () => {
    const context = { srv: { inner: net.createServer() } };
    return () => context.srv.inner.listening;
  },
  handle("context\\.srv\\.inner"),
);
list.refused(
  "stream",
  () => {
    const stream = new PassThrough();
    return () => stream.readable;
  },
  handle("stream"),
);
list.refused(
  "file stream",
  () => {
    const stream = fs.createReadStream("/etc/hostname");
    return () => stream.path;
  },
  handle("stream"),
);
list.refused(
  "child process",
  () => {
    const child = spawn("true");
    return () => child.pid;
  },
  handle("child"),
);
list.refused(
  "timer",
  () => {
    const timer = setTimeout(() => {}, 0);
    return () => timer;
  },
  handle("timer"),
);
list.refused(
  "AsyncLocalStorage",
  () => {
    const storage = new AsyncLocalStorage();
    return () => storage.getStore();
  },
  handle("storage"),
);
list.refused(
  "AbortController",
  () => {
    const controller = new AbortController();
    return () => controller.signal.aborted;
  },
  handle("controller"),
);
list.refused(
  "SharedArrayBuffer",
  () => {
    const memory = new SharedArrayBuffer(8);
    return () => memory.byteLength;
  },
  /`memory`[\s\S]*SharedArrayBuffer/,
);
list.refused(
  "hash object",
  () => {
    const hash = createHash("md5");
    return () => hash;
  },
  handle("hash"),
);
list.refused(
  "FileHandle",
  async () => {
    const file = await fs.promises.open("/etc/hostname");
    setImmediate(() => void file.close());
    return () => file.fd;
  },
  handle("file"),
);
list.refused(
  "Response",
  () => {
    const response = new Response("x");
    return () => response.text();
  },
  handle("response"),
);
list.refused(
  "Intl.NumberFormat",
  () => {
    const format = new Intl.NumberFormat("de");
    return () => format.format(1);
  },
  handle("format"),
);
list.refused(
  "WebAssembly.Memory",
  () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    return () => memory.buffer.byteLength;
  },
  handle("memory"),
);
