/** A small whole document and the ways in which tests bend it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { BackendConfig, ConfigProblem, RouteConfig, ShuntConfig } from "../../app/contract/config.ts";
import { parseConfig } from "../../app/config/parse-config.ts";

export const designExample: string = readFileSync(
  fileURLToPath(new URL("fixtures/design-example.json", import.meta.url)),
  "utf8",
);

const backend: BackendConfig = {
  id: "a",
  amps: "tcp://a.example:9007",
  websocket: "ws://a.example:9008",
  admin: "http://a.example:8085",
};
const otherBackend: BackendConfig = { ...backend, id: "b" };
export const portRoute: RouteConfig = { id: "r", listen: "127.0.0.1:9007", transport: "amps", target: "a" };
export const pathRoute: RouteConfig = { id: "p", listen: "127.0.0.1:8080", path: "/a", target: "a" };

export const whole: ShuntConfig = {
  version: 1,
  tunnels: [{ id: "t", type: "socks5", address: "127.0.0.1:1080" }],
  backends: [backend, otherBackend],
  pools: [{ id: "both", members: ["a", "b"] }],
  routes: [portRoute, pathRoute],
};

/** Problems as `path: message`; an empty list for a document that is accepted. */
export function problemsOf(document: unknown, env: Record<string, string> = {}): readonly string[] {
  const parsed = parseConfig(document, env);
  return parsed.ok ? [] : parsed.problems.map(asLine);
}

export function asLine({ path, message }: ConfigProblem): string {
  return `${path}: ${message}`;
}

/** The whole document with other routes. */
export function withRoutes(...routes: readonly unknown[]): unknown {
  return { ...whole, routes };
}

/** The whole document with one changed backend in the place of `a`. */
export function withBackend(changes: Record<string, unknown>): unknown {
  return { ...whole, backends: [{ ...backend, ...changes }, otherBackend] };
}

export function withPool(changes: Record<string, unknown>): unknown {
  return { ...whole, pools: [{ id: "both", members: ["a", "b"], ...changes }] };
}
