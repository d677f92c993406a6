import fs from "node:fs";

/** Linux tells who listens where. */
const tables = ["/proc/net/tcp", "/proc/net/tcp6"].filter((table) => fs.existsSync(table));
const listeningState = "0A";

/** False where the system does not tell. */
export const tellsListening: boolean = tables.length > 0;

/** This machine's own address as the kernel writes it. */
export const loopback = "0100007F";

interface Listening {
  /** As the kernel writes it. */
  readonly address: string;
  readonly port: number;
  /** Of the socket. */
  readonly inode: string;
}

/** All sockets of this machine on which somebody listens. */
export function listening(): Listening[] {
  return tables
    .flatMap((table) => fs.readFileSync(table, "utf8").trim().split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === listeningState)
    .map((columns) => {
      const [address = "", port = ""] = (columns[1] ?? "").split(":");
      return { address, port: Number.parseInt(port, 16), inode: columns[9] ?? "" };
    });
}
