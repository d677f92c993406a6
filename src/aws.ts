export { awsBackend } from "./aws/aws-backend.ts";
export type { AwsOptions } from "./aws/aws-options.ts";
export type { Deployment } from "./aws/deployment.ts";
