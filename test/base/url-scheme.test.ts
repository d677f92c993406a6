import { expect, test } from "vitest";
import { urlScheme } from "../../src/base/url-scheme.ts";

test.each([
  ["s3://bucket/key", "s3"],
  ["S3://bucket/key", "s3"],
  ["https://example.org/a.txt", "https"],
  ["file:///data/a.txt", "file"],
  ["git+ssh://example.org", "git+ssh"],
  ["data/a.txt", undefined],
  ["/data/a.txt", undefined],
  ["C:\\data\\a.txt", undefined],
  ["C://data", undefined],
  ["data/a.txt?from=s3://bucket", undefined],
  ["file:/data/a.txt", undefined],
  ["", undefined],
])("the scheme of %j is %j", (text, scheme) => {
  expect(urlScheme(text)).toBe(scheme);
});
