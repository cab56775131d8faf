import type { BackendConfig, RouteConfig, ShuntConfig } from "../contract/config.ts";
import type { AmpsInstance } from "./amps-instance.ts";

/** Where the routes to the sandbox listen: AMPS's usual ports, which the sandbox itself leaves alone. */
const listen = {
  orders: "127.0.0.1:9007",
  views: "127.0.0.1:9017",
  web: "127.0.0.1:8080",
  sockets: "127.0.0.1:9008",
  monitor: "127.0.0.1:8085",
};

/** A whole configuration for these instances: their backends, a pool of all, and a route of every kind. */
export function configFor(instances: readonly AmpsInstance[]): ShuntConfig {
  const [first] = instances;
  if (first === undefined) return { version: 1, tunnels: [], backends: [], pools: [], routes: [] };
  return {
    version: 1,
    tunnels: [],
    backends: instances.map(backendOf),
    pools: [{ id: "sandbox", members: instances.map((instance) => instance.name), balance: "round-robin" }],
    routes: [
      { id: "orders", listen: listen.orders, transport: "amps", target: first.name, clients: "mixed" },
      { id: "views", listen: listen.views, transport: "amps", target: "sandbox", clients: "subscribers" },
      ...instances.map(webRouteOf),
      { id: "sockets", listen: listen.sockets, transport: "websocket", target: first.name },
      { id: "monitor", listen: listen.monitor, transport: "admin", target: first.name },
    ],
  };
}

function backendOf({ name, ports }: AmpsInstance): BackendConfig {
  return {
    id: name,
    label: `Sandbox ${letterOf(name).toUpperCase()}`,
    environment: "sandbox",
    amps: `tcp://127.0.0.1:${ports.amps}`,
    websocket: `ws://127.0.0.1:${ports.websocket}`,
    admin: `http://127.0.0.1:${ports.admin}`,
    replication: `tcp://127.0.0.1:${ports.replication}`,
    note: "Simulated by Shunt.",
  };
}

function webRouteOf({ name }: AmpsInstance): RouteConfig {
  return { id: `web-${letterOf(name)}`, listen: listen.web, path: `/${name}`, target: name };
}

function letterOf(name: string): string {
  return name.slice(name.lastIndexOf("-") + 1);
}
