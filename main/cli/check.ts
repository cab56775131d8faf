import { readConfig } from "./read-config.ts";

/** `shunt check`: 0 and a summary, or 1 and each problem as `path: message` on standard output. */
export function runCheck(file: string): void {
  const read = readConfig(file);
  if (!read.ok) {
    for (const { path, message } of read.problems) process.stdout.write(`${path}: ${message}\n`);
    process.exitCode = 1;
    return;
  }
  const { tunnels, backends, pools, routes } = read.value.document;
  process.stdout.write(
    `${file}: ${count(routes, "route")}, ${count(backends, "backend")}, ${count(pools, "pool")}, ${count(tunnels, "tunnel")}; no problems\n`,
  );
}

function count({ length }: readonly unknown[], what: string): string {
  return `${length} ${what}${length === 1 ? "" : "s"}`;
}
