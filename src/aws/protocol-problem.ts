import { protocolVersion } from "./deployment.ts";

/** What is wrong with workers that speak another protocol than this client, and what to do. */
export function protocolProblem(theirs: number): { readonly what: string; readonly fix: string } {
  return {
    what: `the workers speak protocol ${theirs}, this client ${protocolVersion}`,
    fix:
      theirs < protocolVersion
        ? "deploy the stack again with this version: npx lambdask deploy"
        : "update lambdask here, or deploy the stack again with this version",
  };
}
