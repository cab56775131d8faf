/** What `npm test` does for its arguments. */

/**
 * @param {readonly string[]} args
 * @returns {{ endToEnd: boolean, checks: boolean, vitestArgs: string[] }}
 */
export function testPlan(args) {
  const quick = args.includes("--quick");
  const rest = args.filter((argument) => argument !== "--quick");
  const choosesProject = rest.some((argument) => argument.startsWith("--project"));
  return {
    endToEnd: !quick,
    // Someone who names files or a test wants those, now.
    checks: rest.length === 0,
    // The third project is `npm run proof`'s.
    vitestArgs: [
      ...(choosesProject ? [] : ["--project", "fast"]),
      ...(choosesProject || quick ? [] : ["--project", "e2e"]),
      ...rest,
    ],
  };
}
