import type { Benchmark } from "./benchmark.ts";
import { benchedLambda, cpuPerCall } from "./cloud/calls.ts";
import { localCertificate } from "./cloud/certificate.ts";

/** What the encryption of calls adds to `client-invoke`, as it is on AWS. */
export const clientInvokeTls: Benchmark = {
  name: "client-invoke-tls",
  describe:
    "client-invoke with TLS, on connections that stay open; reported, so its limit only tells that something is broken",
  unit: "ms",
  atMost: 2,
  async run() {
    using certificate = localCertificate();
    await using lambda = await benchedLambda(undefined, certificate);
    return await cpuPerCall(lambda);
  },
};
