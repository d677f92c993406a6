export { type AwsOptions, awsBackend } from "./aws/aws-backend.ts";
export type { Deployment } from "./aws/deployment.ts";
