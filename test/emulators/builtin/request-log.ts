/** One request as a server saw it, in the words of permissions. */
export interface SeenRequest {
  /** `s3`, `lambda`. */
  readonly service: string;
  /** `PutObject`, `Invoke`. */
  readonly operation: string;
  /** An ARN. */
  readonly resource: string;
}

/** A request and how it was answered; status 0: the connection was cut. */
export interface AnsweredRequest extends SeenRequest {
  readonly status: number;
}

/** Every request that the servers of one test saw, in order of their answers. */
export class RequestLog {
  readonly requests: AnsweredRequest[] = [];

  add(request: SeenRequest, status: number): void {
    const { service, operation, resource } = request;
    this.requests.push({ service, operation, resource, status });
  }

  /** How many requests of an operation there were. */
  count(operation: string): number {
    return this.requests.filter((request) => request.operation === operation).length;
  }

  clear(): void {
    this.requests.length = 0;
  }
}
