/** A request to the server without an SDK of its own: emulators check no signatures, but tell services by them. */
async function ask(
  service: string,
  region: string,
  request: { readonly body: string; readonly target?: string },
): Promise<string> {
  const { body, target } = request;
  const scope = `test/20260101/${region}/${service}/aws4_request`;
  const response = await fetch(process.env["AWS_ENDPOINT_URL"] ?? "", {
    method: "POST",
    body,
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      "content-type":
        target === undefined ? "application/x-www-form-urlencoded" : "application/x-amz-json-1.1",
      ...(target === undefined ? {} : { "x-amz-target": target }),
    },
  });
  if (!response.ok) throw new Error(`${service}: ${response.status} ${await response.text()}`);
  return await response.text();
}

/** Names of all log groups, roles, and policies of the account's own. */
export async function namesOf(region: string): Promise<string[]> {
  const iam = (action: string): Promise<string> =>
    ask("iam", region, { body: `Action=${action}&Version=2010-05-08&MaxItems=1000` });
  const logs = await ask("logs", region, { body: "{}", target: "Logs_20140328.DescribeLogGroups" });
  const { logGroups } = JSON.parse(logs) as { logGroups: { logGroupName: string }[] };
  const roles = [...(await iam("ListRoles")).matchAll(/<RoleName>([^<]+)/g)];
  const policies = [...(await iam("ListPolicies&Scope=Local")).matchAll(/<PolicyName>([^<]+)/g)];
  return [
    // LocalStack writes a function's lines under a name of its own choice.
    ...logGroups
      .map((group) => group.logGroupName)
      .filter((name) => !name.startsWith("/aws/lambda/")),
    ...[...roles, ...policies].map(([, name = ""]) => name),
  ];
}
