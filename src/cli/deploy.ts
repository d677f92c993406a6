import { defaultStackName } from "../aws/deployment.ts";
import { settingNames } from "../cdk/setting-names.ts";
import type { CommandValues } from "./command.ts";
import { regionOf, stackOf } from "./place.ts";
import { runCdk } from "./run-cdk.ts";

/** `lambdask deploy`: makes the stack or changes it. */
export async function deploy(values: CommandValues): Promise<number> {
  const region = regionOf(values);
  const stack = stackOf(values);
  const given: CommandValues = stack === defaultStackName ? values : { ...values, stack };
  const context = settingNames.flatMap((name) => {
    const value = given[flagOf(name)];
    return value === undefined ? [] : [`${name}=${value}`];
  });
  const asking = values["yes"] === true ? ["--require-approval", "never"] : [];
  const code = await runCdk(["deploy", ...asking], { region, context });
  if (code === 0) console.log(connectLine(stack, region));
  return code;
}

/** `memoryMb` is given as `--memory-mb`. */
function flagOf(setting: string): string {
  return setting.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function connectLine(stack: string, region: string | undefined): string {
  const options = [
    ...(stack === defaultStackName ? [] : [`stack: ${JSON.stringify(stack)}`]),
    ...(region === undefined ? [] : [`region: ${JSON.stringify(region)}`]),
  ];
  const given = options.length === 0 ? "" : `{ ${options.join(", ")} }`;
  return `use it by: await connect({ backend: awsBackend(${given}) })`;
}
