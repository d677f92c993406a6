import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { publicSurface, surfaceFile } from "../scripts/surface.ts";

test("the package gives out exactly the names committed in test/public-surface.txt", () => {
  const committed = fs.readFileSync(path.resolve(import.meta.dirname, "..", surfaceFile), "utf8");
  expect(publicSurface(), "if the change is meant, run `npm run surface`").toBe(committed);
});
