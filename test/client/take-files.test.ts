import { expect, test } from "vitest";
import type { FilesAway } from "../../src/backend/backend.ts";
import type { SourceFile } from "../../src/backend/byte-source.ts";
import type { Engine } from "../../src/client/engine.ts";
import { takeFiles } from "../../src/client/take-files.ts";
import { type Expr, makeExpr, type Operation } from "../../src/plan/expr.ts";

const operation: Operation = {
  name: "test",
  version: 1,
  lower: () => {
    throw new Error("not planned");
  },
};

function reader(name: string, urls: readonly string[]): Expr {
  const files = urls.map((url): SourceFile => ({ url, bytes: 1, version: "1" }));
  return makeExpr({ operation, params: name, meta: { files } });
}

function engine(takes: ((files: readonly SourceFile[]) => void) | undefined): Engine {
  const away = { readable: (file: SourceFile) => file, outputs: () => "" } satisfies FilesAway;
  const backend =
    takes === undefined
      ? {}
      : {
          takeFiles: async (files: readonly SourceFile[]) => {
            takes(files);
            return away;
          },
        };
  return { backend } as unknown as Engine;
}

test("the files of all that is read are taken, each expression's once", async () => {
  const [first, second] = [reader("first", ["a", "b"]), reader("second", ["c"])];
  const both = makeExpr({ operation, params: "both", children: [first, second, first] });
  const taken: string[] = [];
  await takeFiles(
    engine((files) => taken.push(...files.map(({ url }) => url))),
    [both, first],
  );
  expect(taken.toSorted()).toEqual(["a", "b", "c"]);
});

test("so they are where there are more of them than a call takes arguments", async () => {
  const urls = Array.from({ length: 200_000 }, (_, i) => `s3://bucket/${i}`);
  const many = reader("many", urls);
  const children = new Array<Expr>(200_000).fill(many);
  const wide = makeExpr({ operation, params: "wide", children });
  let taken = 0;
  await takeFiles(
    engine((files) => {
      taken = files.length;
    }),
    [wide],
  );
  expect(taken).toBe(200_000);
});

test("a backend whose workers see this machine is not asked", async () => {
  expect(await takeFiles(engine(undefined), [reader("one", ["a"])])).toBeUndefined();
});
