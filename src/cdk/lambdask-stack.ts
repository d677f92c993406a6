import { Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { LambdaskBackendProps } from "./backend-props.ts";
import { LambdaskBackend } from "./lambdask-backend.ts";

/** A stack's own settings and the backend's. */
export interface LambdaskStackProps extends StackProps {
  /** The backend in this stack. */
  readonly backend?: LambdaskBackendProps;
}

/**
 * A stack with one backend and nothing else.
 * @example
 * ```ts
 * new LambdaskStack(new App(), "Lambdask", { env: { region: "eu-central-1" } });
 * ```
 */
export class LambdaskStack extends Stack {
  /** Bucket, worker and client policy. */
  readonly backend: LambdaskBackend;

  constructor(scope: Construct, id: string, { backend, ...props }: LambdaskStackProps = {}) {
    super(scope, id, { description: "Runs lambdask programs.", ...props });
    this.backend = new LambdaskBackend(this, "Backend", backend);
  }
}
