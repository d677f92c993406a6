/** The app behind `npx cdk deploy` and `lambdask deploy`: one stack, its settings from CDK's context. */
import { App } from "aws-cdk-lib";
import { backendProps, type SettingName, stackName } from "./app-settings.ts";
import { LambdaskStack } from "./lambdask-stack.ts";

const app = new App();
const read = (name: SettingName): unknown => app.node.tryGetContext(name);
new LambdaskStack(app, stackName(read), { backend: backendProps(read) });
