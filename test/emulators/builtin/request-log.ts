import type { IncomingMessage } from "node:http";

/** One request as a server saw it, in the words of permissions. */
export interface SeenRequest {
  /** The access key that it is signed with. */
  readonly caller: string;
  /** `s3`, `lambda`. */
  readonly service: string;
  /** `PutObject`, `Invoke`. */
  readonly operation: string;
  /** An ARN. */
  readonly resource: string;
}

/** The access key of functions; anybody else's is a client's. */
export const workerKey = "worker";

/** A request and how it was answered; status 0: the connection was cut. */
export interface AnsweredRequest extends SeenRequest {
  readonly status: number;
  /** ARNs of what the body names, if that is what permissions are about. */
  readonly named?: readonly string[];
  /** ARN of what the server read for it, besides its resource. */
  readonly reads?: string;
}

/** Every request that the servers of one test saw, in order of their answers. */
export class RequestLog {
  readonly requests: AnsweredRequest[] = [];

  add(
    request: SeenRequest,
    status: number,
    more: Pick<AnsweredRequest, "named" | "reads"> = {},
  ): void {
    this.requests.push({ ...request, status, ...more });
  }

  /** How many requests of an operation there were. */
  count(operation: string): number {
    return this.requests.filter((request) => request.operation === operation).length;
  }

  clear(): void {
    this.requests.length = 0;
  }
}

/** The access key that a request is signed with; `""` if it is not signed. */
export function callerOf({ headers }: IncomingMessage): string {
  return /Credential=([^/]+)\//.exec(headers.authorization ?? "")?.[1] ?? "";
}
