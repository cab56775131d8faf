import { expect, test } from "vitest";
import { keepSameParts } from "../../app/config/same-parts.ts";
import type { RouteConfig, ShuntConfig } from "../../app/contract/config.ts";
import { reachesSame } from "../../app/engine/route-targets.ts";
import { planListeners, staysAsItIs } from "../../app/listen/listener-plan.ts";

const ports: readonly RouteConfig[] = [
  { id: "r1", listen: "127.0.0.1:1001", transport: "amps", target: "a" },
  { id: "r2", listen: "127.0.0.1:1002", transport: "amps", target: "pool" },
];
const paths: readonly RouteConfig[] = [
  { id: "p1", listen: "127.0.0.1:1003", path: "/one", target: "a" },
  { id: "p2", listen: "127.0.0.1:1003", path: "/two", target: "b" },
];
const config: ShuntConfig = {
  version: 1,
  tunnels: [{ id: "t", type: "socks5", address: "127.0.0.1:1080" }],
  backends: [
    { id: "a", amps: "tcp://127.0.0.1:1", admin: "http://127.0.0.1:2" },
    { id: "b", amps: "tcp://127.0.0.1:3", admin: "http://127.0.0.1:4" },
    { id: "c", amps: "tcp://127.0.0.1:5" },
  ],
  pools: [{ id: "pool", members: ["b", "c"] }],
  routes: [...ports, ...paths],
};

const change = <Part extends { readonly id: string }>(
  parts: readonly Part[],
  id: string,
  by: Partial<Part>,
): readonly Part[] => parts.map((part) => (part.id === id ? { ...part, ...by } : part));

test.each<[what: string, next: ShuntConfig, untouched: readonly number[]]>([
  ["nothing", config, [1001, 1002, 1003]],
  ["a note on a route", { ...config, routes: change(config.routes, "r1", { note: "n" }) }, [1002, 1003]],
  [
    "a path of a shared listener",
    { ...config, routes: change(config.routes, "p2", { path: "/x" }) },
    [1001, 1002],
  ],
  ["the order of routes that share none", { ...config, routes: [...paths, ...ports] }, [1001, 1002, 1003]],
  ["the order on a shared listener", { ...config, routes: [...ports, ...paths.toReversed()] }, [1001, 1002]],
  ["a route less", { ...config, routes: config.routes.slice(1) }, [1002, 1003]],
  [
    "a route that is off",
    { ...config, routes: change(config.routes, "r2", { enabled: false }) },
    [1001, 1003],
  ],
  [
    "a certificate",
    { ...config, routes: change(config.routes, "r1", { tls: { certFile: "c", keyFile: "k" } }) },
    [1002, 1003],
  ],
  [
    "the address of a backend",
    { ...config, backends: change(config.backends, "a", { amps: "tcp://127.0.0.1:9" }) },
    [1002],
  ],
  [
    "a member of a pool",
    { ...config, backends: change(config.backends, "c", { drained: true }) },
    [1001, 1003],
  ],
  ["the members of a pool", { ...config, pools: [{ id: "pool", members: ["c", "b"] }] }, [1001, 1003]],
  [
    "a tunnel",
    { ...config, tunnels: change(config.tunnels, "t", { address: "127.0.0.1:1081" }) },
    [1001, 1002, 1003],
  ],
])("%s changes: the listeners that go on as they are", (_what, wanted, untouched) => {
  const next = keepSameParts(config, structuredClone(wanted));
  const running = planListeners(config.routes);
  const found = [...planListeners(next.routes)].filter(([key, planned]) => {
    const listener = running.get(key);
    const stays = listener !== undefined && staysAsItIs(listener, planned);
    return stays && planned.routes.every((route) => reachesSame(config, next, route));
  });
  expect(found.map(([, { address }]) => address.port).sort()).toEqual(untouched);
});
