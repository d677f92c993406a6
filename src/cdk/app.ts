/** The app behind `npx cdk deploy` and `lambdask deploy`: one stack, its settings from CDK's context. */
import { App } from "aws-cdk-lib";
import { isLambdaskError } from "../base/errors.ts";
import { backendProps, stackName } from "./app-settings.ts";
import { LambdaskStack } from "./lambdask-stack.ts";
import type { SettingName } from "./setting-names.ts";

try {
  const app = new App();
  const read = (name: SettingName): unknown => app.node.tryGetContext(name);
  new LambdaskStack(app, stackName(read), { backend: backendProps(read) });
} catch (error) {
  if (!isLambdaskError(error)) throw error;
  // What is wrong and what to do are in it; where in this library it was found would hide them.
  console.error(`lambdask: ${error.message}`);
  process.exit(1);
}
