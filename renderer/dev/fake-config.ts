/** Made-up configurations, and just enough of a check to try the forms on. The real one is the engine's. */
import type { ConfigProblem, ShuntConfig } from "../../app/contract/config.ts";

export const emptyConfig: ShuntConfig = { version: 1, tunnels: [], backends: [], pools: [], routes: [] };

export const deskConfig: ShuntConfig = {
  version: 1,
  tunnels: [
    { id: "bastion", type: "ssh", address: "jump.example.com:22", user: "ops" },
    { id: "corp", type: "ssh", address: "gate.example.com", note: "only from the office" },
  ],
  backends: [
    {
      id: "prod-1",
      label: "Prod 1",
      environment: "prod",
      amps: "tcp://amps-prod-1:9007",
      websocket: "ws://amps-prod-1:9008",
      admin: "http://amps-prod-1:8085",
      replication: "tcp://amps-prod-1:10004",
    },
    {
      id: "prod-2",
      label: "Prod 2",
      environment: "prod",
      via: "bastion",
      amps: "tcps://amps-prod-2:9007",
      admin: "https://amps-prod-2:8085",
      tls: { caFile: "~/certs/ca.pem", serverName: "amps-prod-2.internal" },
    },
    {
      id: "uat-1",
      label: "UAT",
      tags: ["lab"],
      environment: "uat",
      amps: "tcp://uat-amps.example.com:9007",
      websocket: "ws://uat-amps.example.com:9008",
    },
    {
      id: "dev-1",
      environment: "dev",
      amps: "tcp://10.20.4.18:9007",
      admin: "http://10.20.4.18:8085",
      drained: true,
    },
  ],
  pools: [
    {
      id: "prod",
      members: ["prod-1", "prod-2"],
      balance: "round-robin",
      weights: { "prod-1": 3 },
      note: "Views, and the workers by name",
    },
  ],
  routes: [
    {
      id: "orders-in",
      listen: "127.0.0.1:9007",
      transport: "amps",
      target: "prod-1",
      tags: ["emea", "critical"],
      note: "Order gateways",
    },
    {
      id: "views",
      listen: "127.0.0.1:9017",
      transport: "amps",
      target: "prod",
      clients: "subscribers",
      tags: ["emea"],
      note: "View servers, London desk",
    },
    { id: "p1", listen: "127.0.0.1:8080", path: "/prod-1", target: "prod-1" },
    { id: "p2", listen: "127.0.0.1:8080", path: "/prod-2", target: "prod-2", enabled: false },
    { id: "uat-web", listen: "127.0.0.1:9008", transport: "websocket", target: "uat-1" },
    { id: "uat-in", listen: "127.0.0.1:9027", transport: "amps", target: "uat-1" },
    {
      id: "replica-feed",
      listen: "0.0.0.0:10004",
      transport: "replication",
      target: "prod-1",
      note: "For the DR site",
    },
    {
      id: "queue-workers",
      listen: "127.0.0.1:9037",
      transport: "amps",
      target: "prod",
      sticky: "client-name",
      clients: "queue-consumers",
    },
    { id: "dev-in", listen: "127.0.0.1:9047", transport: "amps", target: "dev-1", enabled: false },
  ],
};

const sandboxParts: Pick<ShuntConfig, "backends" | "routes" | "pools"> = {
  backends: ["amps-a", "amps-b"].map((id, n) => ({
    id,
    environment: "sandbox",
    amps: `tcp://127.0.0.1:${19007 + n * 10}`,
    websocket: `ws://127.0.0.1:${19008 + n * 10}`,
    admin: `http://127.0.0.1:${18085 + n}`,
    replication: `tcp://127.0.0.1:${20004 + n}`,
  })),
  pools: [{ id: "sandbox", members: ["amps-a", "amps-b"] }],
  routes: [
    { id: "sandbox-in", listen: "127.0.0.1:9107", transport: "amps", target: "sandbox" },
    { id: "sandbox-web", listen: "127.0.0.1:8180", path: "/amps-a", target: "amps-a" },
  ],
};

const parts = ["backends", "pools", "routes"] as const;

export function withSandboxParts(config: ShuntConfig): ShuntConfig {
  const without = withoutSandboxParts(config);
  return {
    ...without,
    ...Object.fromEntries(parts.map((name) => [name, [...without[name], ...sandboxParts[name]]])),
  };
}

export function withoutSandboxParts(config: ShuntConfig): ShuntConfig {
  const rest = (name: (typeof parts)[number]): readonly { readonly id: string }[] =>
    config[name].filter((row) => !sandboxParts[name].some((other) => other.id === row.id));
  return { ...config, ...Object.fromEntries(parts.map((name) => [name, rest(name)])) };
}

const idPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;
const listenPattern = /^(\d{1,5}|.+:\d{1,5})$/;
const endpointSchemes = {
  amps: /^tcps?:\/\/[^/:]+:\d+$/,
  websocket: /^wss?:\/\/[^/:]+:\d+$/,
  admin: /^https?:\/\/[^/:]+:\d+$/,
  replication: /^tcps?:\/\/[^/:]+:\d+$/,
};

/** The problems of a made-up document. */
export function checkFakeConfig(document: unknown): readonly ConfigProblem[] {
  if (typeof document !== "object" || document === null || Array.isArray(document))
    return [{ path: "", message: 'This must be an object such as { "version": 1, … }.' }];
  const config = document as Partial<ShuntConfig>;
  const problems: ConfigProblem[] = [];
  const add = (path: string, message: string): void => void problems.push({ path, message });
  if (config.version !== 1) add("version", "This must be 1.");
  const targets = new Set<string>();
  const checkId = (path: string, id: string, taken: Set<string>): void => {
    if (!idPattern.test(id ?? ""))
      add(`${path}.id`, id ? `"${id}" must be lower-case letters, digits and dashes.` : "A name is needed.");
    else if (taken.has(id)) add(`${path}.id`, `"${id}" is in use already.`);
    taken.add(id);
  };
  (config.backends ?? []).forEach((backend, index) => {
    const path = `backends[${index}]`;
    checkId(path, backend.id, targets);
    const kinds = Object.keys(endpointSchemes) as (keyof typeof endpointSchemes)[];
    if (!kinds.some((kind) => backend[kind]))
      add(path, "Give at least one endpoint: amps, websocket, admin or replication.");
    for (const kind of kinds) {
      const url = backend[kind];
      if (url && !endpointSchemes[kind].test(url))
        add(
          `${path}.${kind}`,
          `"${url}" is not an address such as ${kind === "admin" ? "http" : kind === "websocket" ? "ws" : "tcp"}://host:9007.`,
        );
    }
  });
  (config.pools ?? []).forEach((pool, index) => {
    checkId(`pools[${index}]`, pool.id, targets);
    if (pool.members.length === 0) add(`pools[${index}].members`, "A pool needs at least one member.");
  });
  const routeIds = new Set<string>();
  const owners = new Map<string, string>();
  const nameOwners = new Map<string, string>();
  (config.routes ?? []).forEach((route, index) => {
    const path = `routes[${index}]`;
    checkId(path, route.id, routeIds);
    const listen = /^\d+$/.test(route.listen ?? "") ? `127.0.0.1:${route.listen}` : (route.listen ?? "");
    if (!listenPattern.test(listen))
      add(
        `${path}.listen`,
        route.listen
          ? `"${route.listen}" is not host:port.`
          : "A local address is needed, such as 127.0.0.1:9007.",
      );
    else if (Number(listen.split(":").at(-1)) > 65535)
      add(`${path}.listen`, `"${route.listen}": a port is at most 65535.`);
    for (const [at, name] of (route.serverNames ?? []).entries()) {
      if (!/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(name))
        add(`${path}.serverNames[${at}]`, `"${name}" is not a server name.`);
      const taken = nameOwners.get(`${listen} ${name}`);
      if (taken) add(`${path}.serverNames[${at}]`, `"${name}" belongs to route "${taken}" already.`);
      nameOwners.set(`${listen} ${name}`, route.id);
    }
    const owner = owners.get(listen);
    if (owner && !route.serverNames && (route.transport || owner.startsWith("!")))
      add(`${path}.listen`, `"${listen}" belongs to route "${owner.replace("!", "")}" already.`);
    if (!owner) owners.set(listen, `${route.transport ? "!" : ""}${route.id}`);
    if (!route.transport && !route.host && !route.path)
      add(`${path}.path`, "A path such as /prod-1 is needed.");
    if (route.path && !/^\/[\w./-]+$/.test(route.path))
      add(`${path}.path`, `"${route.path}" must begin with a slash, such as /prod-1.`);
    if (!targets.has(route.target))
      add(
        `${path}.target`,
        route.target ? `"${route.target}" is neither a backend nor a pool.` : "Choose a backend or a pool.",
      );
  });
  return problems;
}

/** The configuration with that many routes in place of its own; 0 leaves it as it is. */
export function withRoutes(config: ShuntConfig, count: number): ShuntConfig {
  if (count === 0) return config;
  const targets = ["prod-1", "prod-2", "prod", "dev-1"];
  return {
    ...config,
    routes: Array.from({ length: count }, (_, n) => ({
      id: `route-${n + 1}`,
      listen: `127.0.0.1:${20_000 + n}`,
      transport: "amps",
      target: targets[n % targets.length] ?? "prod-1",
    })),
  };
}
