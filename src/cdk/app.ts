/** The app behind `npx cdk deploy` and `lambdask deploy`: one stack, its settings from CDK's context. */
import { App } from "aws-cdk-lib";
import { backendProps, stackName } from "./app-settings.ts";
import { LambdaskStack } from "./lambdask-stack.ts";
import type { SettingName } from "./setting-names.ts";

const app = new App();
const read = (name: SettingName): unknown => app.node.tryGetContext(name);
new LambdaskStack(app, stackName(read), { backend: backendProps(read) });
