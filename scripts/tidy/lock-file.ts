interface LockEntry {
  readonly resolved?: string;
  readonly engines?: unknown;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
}

/** What would make `npm ci` depend on one registry, or skip an optional package; see scripts/lock.mjs. */
export function checkLockFile(text: string): string[] {
  const lock = JSON.parse(text) as { packages: Record<string, LockEntry> };
  return Object.entries(lock.packages).flatMap(([name, entry]) => {
    const isOptional = entry.optional === true || entry.devOptional === true;
    const problems: string[] = [];
    if (entry.resolved !== undefined) problems.push(`${name}: has a resolved address`);
    if (isOptional && entry.engines !== undefined) {
      problems.push(`${name}: an optional package with engines; run npm run lock`);
    }
    return problems;
  });
}
