import { expect, test } from "vitest";
import type { RouteConfig, ShuntConfig } from "../../app/contract/config.ts";
import { clientAddresses } from "../../app/export/client-addresses.ts";

const tls = { certFile: "c", keyFile: "k" };
const config: ShuntConfig = {
  version: 1,
  tunnels: [],
  backends: [
    { id: "all", amps: "tcp://h:1", websocket: "ws://h:2", admin: "http://h:3", replication: "tcp://h:4" },
    { id: "amps-only", amps: "tcp://h:1" },
    { id: "admin-only", admin: "http://h:1" },
  ],
  pools: [{ id: "pool", members: ["amps-only", "admin-only"] }],
  routes: [],
};

test.each<readonly [string, Partial<RouteConfig>, readonly string[]]>([
  [
    "an amps port",
    { transport: "amps" },
    ["tcp://127.0.0.1:9007/amps/json", "-server 127.0.0.1:9007 -proto amps -type json"],
  ],
  [
    "an amps port with TLS",
    { transport: "amps", tls },
    ["tcps://127.0.0.1:9007/amps/json", expect.any(String) as string],
  ],
  ["a websocket port", { transport: "websocket" }, ["ws://127.0.0.1:9007/amps/json"]],
  ["a websocket port with TLS", { transport: "websocket", tls }, ["wss://127.0.0.1:9007/amps/json"]],
  ["an admin port", { transport: "admin" }, ["http://127.0.0.1:9007/"]],
  ["an admin port with TLS", { transport: "admin", tls }, ["https://127.0.0.1:9007/"]],
  ["a replication port", { transport: "replication" }, ["127.0.0.1:9007"]],
  [
    "a path",
    { path: "/prod-1" },
    [
      "ws://127.0.0.1:9007/prod-1/amps/json",
      "tcp://127.0.0.1:9007/prod-1/amps/json?http_preflight=true",
      "http://127.0.0.1:9007/prod-1/",
    ],
  ],
  [
    "a path with TLS",
    { path: "/a/b", tls },
    [
      "wss://127.0.0.1:9007/a/b/amps/json",
      "tcps://127.0.0.1:9007/a/b/amps/json?http_preflight=true",
      "https://127.0.0.1:9007/a/b/",
    ],
  ],
  ["the root path", { path: "/", target: "admin-only" }, ["http://127.0.0.1:9007/"]],
  ["a Host name", { host: "prod-1.localhost", target: "admin-only" }, ["http://prod-1.localhost:9007/"]],
  [
    "a Host name and a path",
    { host: "x.localhost", path: "/p", target: "amps-only" },
    ["tcp://x.localhost:9007/p/amps/json?http_preflight=true"],
  ],
  [
    "a path to a pool: what any member offers",
    { path: "/p", target: "pool" },
    ["tcp://127.0.0.1:9007/p/amps/json?http_preflight=true", "http://127.0.0.1:9007/p/"],
  ],
  ["an IPv6 address", { listen: "[::1]:9007", transport: "admin" }, ["http://[::1]:9007/"]],
  ["every interface", { listen: "0.0.0.0:9007", transport: "admin" }, ["http://127.0.0.1:9007/"]],
  ["every interface, IPv6 too", { listen: "[::]:9007", transport: "admin" }, ["http://[::1]:9007/"]],
  ["a port alone", { listen: "9007", transport: "admin" }, ["http://localhost:9007/"]],
])("%s is written as each client needs it", (_what, route, expected) => {
  const whole: RouteConfig = { id: "r", listen: "127.0.0.1:9007", target: "all", ...route };
  expect(clientAddresses(config, whole).map((address) => address.value)).toEqual(expected);
});

test("every address says for whom it is, and where the message type stands in it, that it is to be replaced", () => {
  const addresses = clientAddresses(config, { id: "r", listen: "9007", path: "/p", target: "all" });
  for (const { label, value, note } of addresses) {
    expect(label).not.toBe("");
    expect(note?.includes("message type") ?? false).toBe(value.includes("/amps/json"));
  }
});
