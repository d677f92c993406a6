import { Stack, Validations } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Permission } from "./permissions.ts";

/** Tells cdk-nag that each wildcard in these permissions is meant, and what it is for. */
export function acceptWildcards(construct: Construct, permissions: readonly Permission[]): void {
  const stack = Stack.of(construct);
  for (const { resources, why } of permissions) {
    for (const resource of resources) {
      const text = flat(stack.resolve(resource));
      if (!text.includes("*")) continue;
      Validations.of(construct).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${text}]`,
        reason: `Objects have names that nobody knows beforehand: ${why}.`,
      });
    }
  }
}

/** A value of a template as cdk-nag spells it: `<Bucket.Arn>/tmp/*`. */
function flat(value: unknown): string {
  if (typeof value === "string") return value;
  const { Ref, ...functions } = value as Readonly<Record<string, unknown>>; // An intrinsic function.
  const [got, joined] = [functions["Fn::GetAtt"], functions["Fn::Join"]];
  if (typeof Ref === "string") return `<${Ref}>`;
  if (Array.isArray(got)) return `<${got.join(".")}>`;
  if (Array.isArray(joined) && Array.isArray(joined[1])) return joined[1].map(flat).join(joined[0]);
  return JSON.stringify(value);
}
