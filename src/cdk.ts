/** The façade of `lambdask/cdk`: every public name, and nothing else. */

export type { BucketReference, LambdaskBackendProps } from "./cdk/backend-props.ts";
export { LambdaskBackend } from "./cdk/lambdask-backend.ts";
export { LambdaskStack, type LambdaskStackProps } from "./cdk/lambdask-stack.ts";
