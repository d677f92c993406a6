import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import tls from "node:tls";

/** A certificate for 127.0.0.1 that this process trusts, and nobody else. */
export interface Certificate extends Disposable {
  readonly file: string;
  readonly keyFile: string;
}

/** Makes one with the system's openssl, on a curve as AWS's own certificates are. */
export function localCertificate(): Certificate {
  const folder = mkdtempSync(path.join(tmpdir(), "lambdask-certificate-"));
  const [file, keyFile] = [path.join(folder, "cert.pem"), path.join(folder, "key.pem")];
  const made = ["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
  const named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1"];
  execFileSync("openssl", [...made, ...named, "-keyout", keyFile, "-out", file], {
    stdio: "ignore",
  });
  tls.setDefaultCACertificates([readFileSync(file, "utf8")]);
  return {
    file,
    keyFile,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
