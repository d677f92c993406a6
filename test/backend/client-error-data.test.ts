import { expect, test } from "vitest";
import { clientErrorData } from "../../src/backend/client-error-data.ts";
import { LambdaskError } from "../../src/base/errors.ts";

test("an error of ours keeps its code and what to do", () => {
  const error = new LambdaskError("STORE", { message: "the disk is full", fix: "free space" });
  expect(clientErrorData(error)).toEqual({
    name: "LambdaskError",
    message: "the disk is full\n  fix: free space [STORE]",
    stack: error.stack,
    fields: { code: "STORE", fix: "free space" },
  });
  const { fields } = clientErrorData(new LambdaskError("BUG", { message: "a defect" }));
  expect(fields).toEqual({ code: "BUG" });
});

test("another error keeps its code if it has one, and a thrown value its text", () => {
  const error = Object.assign(new TypeError("no such file"), { code: "ENOENT" });
  expect(clientErrorData(error)).toMatchObject({ name: "TypeError", fields: { code: "ENOENT" } });
  expect(clientErrorData(new RangeError("too far")).fields).toEqual({});
  expect(clientErrorData(42)).toEqual({ name: "", message: "42", stack: "", fields: {} });
});
