/** A payment service on this machine, which charges once per idempotency key, however often it is asked. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A charge as the service keeps it. */
export interface Charge {
  readonly customer: string;
  readonly cents: number;
}

/** The service while it is up. */
export interface Ledger extends AsyncDisposable {
  readonly url: string;
  /** By idempotency key. */
  readonly charges: Map<string, Charge>;
  /** Requests, those that changed nothing included. */
  readonly requests: { count: number };
}

/** Starts the service. */
export async function startLedger(): Promise<Ledger> {
  const charges = new Map<string, Charge>();
  const requests = { count: 0 };
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      requests.count += 1;
      const key = request.headers["idempotency-key"];
      if (typeof key !== "string") return void response.writeHead(400).end();
      if (!charges.has(key)) charges.set(key, JSON.parse(body) as Charge);
      response.writeHead(200).end(`receipt ${key.slice(0, 8)}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // It listens on a port.
  return {
    url: `http://127.0.0.1:${port}`,
    charges,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
