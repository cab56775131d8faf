import { describe, expect, test } from "vitest";
import { parseConfig } from "../../app/config/parse-config.ts";
import type { ShuntConfig } from "../../app/contract/config.ts";
import { accept, refuse } from "../../app/failures.ts";
import { addSandbox, removeSandbox } from "../../app/service/sandbox-config.ts";

const sandbox: ShuntConfig = {
  version: 1,
  tunnels: [],
  backends: [
    { id: "amps-a", environment: "sandbox", amps: "tcp://127.0.0.1:19007", admin: "http://127.0.0.1:19085" },
    { id: "amps-b", environment: "sandbox", amps: "tcp://127.0.0.1:19107", admin: "http://127.0.0.1:19185" },
  ],
  pools: [{ id: "sandbox", members: ["amps-a", "amps-b"] }],
  routes: [
    { id: "orders", listen: "127.0.0.1:9007", transport: "amps", target: "amps-a" },
    { id: "views", listen: "127.0.0.1:9017", transport: "amps", target: "sandbox", clients: "subscribers" },
    { id: "web-a", listen: "127.0.0.1:8080", path: "/amps-a", target: "amps-a" },
    { id: "web-b", listen: "127.0.0.1:8080", path: "/amps-b", target: "amps-b" },
  ],
};

const own: ShuntConfig = {
  version: 1,
  tunnels: [{ id: "t", type: "socks5", address: "h:1" }],
  backends: [{ id: "prod-1", environment: "prod", amps: "tcp://h:1", note: "mine" }],
  pools: [{ id: "prod", members: ["prod-1"] }],
  routes: [{ id: "mine", listen: "127.0.0.1:9100", transport: "amps", target: "prod" }],
};

const anyFree = (listen: string) => Promise.resolve(accept({ listen }));

/** Every port below this one is taken by another program. */
const freeFrom = (lowest: number) => (listen: string) => {
  const port = Number(/\d+$/.exec(listen)?.[0]);
  return Promise.resolve(accept({ listen: listen.replace(/\d+$/, String(Math.max(port, lowest))) }));
};

function expectValid(config: ShuntConfig): void {
  const parsed = parseConfig(config, {});
  expect(parsed.ok ? [] : parsed.problems).toEqual([]);
}

function listens({ routes }: ShuntConfig): Readonly<Record<string, string>> {
  return Object.fromEntries(routes.map((route) => [route.id, route.listen]));
}

describe("adding the sandbox", () => {
  test("puts its rows behind the operator's own, which stay as they are", async () => {
    const added = await addSandbox(own, sandbox, anyFree);
    expect(added.tunnels).toEqual(own.tunnels);
    expect(added.backends).toEqual([...own.backends, ...sandbox.backends]);
    expect(added.pools).toEqual([...own.pools, ...sandbox.pools]);
    expect(added.routes).toEqual([...own.routes, ...sandbox.routes]);
    expectValid(added);
  });

  test("twice adds nothing twice, takes the new ports, and keeps what the operator changed of its routes", async () => {
    const added = await addSandbox(own, sandbox, anyFree);
    const edited = {
      ...added,
      routes: added.routes.map((route) =>
        route.id === "orders" ? { ...route, listen: "127.0.0.1:9999" } : route,
      ),
    };
    const moved = {
      ...sandbox,
      backends: sandbox.backends.map((backend) => ({ ...backend, amps: "tcp://127.0.0.1:29007" })),
    };
    const again = await addSandbox(edited, moved, anyFree);
    expect(again).toEqual({ ...edited, backends: [...own.backends, ...moved.backends] });
  });

  test("moves routes from taken ports, path routes together", async () => {
    const added = await addSandbox(own, sandbox, freeFrom(9_500));
    expect(listens(added)).toEqual({
      mine: "127.0.0.1:9100",
      orders: "127.0.0.1:9500",
      views: "127.0.0.1:9501",
      "web-a": "127.0.0.1:9502",
      "web-b": "127.0.0.1:9502",
    });
    expectValid(added);
  });

  test("moves routes from what the operator's routes ask for, though nobody listens there now", async () => {
    const busy = { ...own, routes: [{ ...own.routes[0], listen: "9007", enabled: false }] } as ShuntConfig;
    expect(listens(await addSandbox(busy, sandbox, anyFree))["orders"]).toBe("127.0.0.1:9008");
  });

  test("leaves a port as it is where nothing can be suggested", async () => {
    const added = await addSandbox(own, sandbox, () => Promise.resolve(refuse("ADDRESS_NOT_LOCAL", "no")));
    expect(listens(added)["orders"]).toBe("127.0.0.1:9007");
  });

  test("takes other ids where the operator uses them for something else, so that nothing leads to the wrong place", async () => {
    const taken: ShuntConfig = {
      ...own,
      backends: [
        ...own.backends,
        { id: "amps-a", amps: "tcp://real:1" },
        { id: "sandbox", amps: "tcp://real:2" },
      ],
      routes: [
        ...own.routes,
        { id: "orders", listen: "127.0.0.1:9200", transport: "amps", target: "prod-1" },
      ],
    };
    const added = await addSandbox(taken, sandbox, anyFree);
    expectValid(added);
    expect(added.backends.slice(0, 3)).toEqual(taken.backends);
    expect(added.backends.slice(3).map((backend) => [backend.id, backend.instanceName])).toEqual([
      ["sandbox-amps-a", "amps-a"],
      ["amps-b", undefined],
    ]);
    expect(added.pools.at(-1)).toEqual({ id: "sandbox-sandbox", members: ["sandbox-amps-a", "amps-b"] });
    expect(added.routes.slice(2).map((route) => [route.id, route.target])).toEqual([
      ["sandbox-orders", "sandbox-amps-a"],
      ["views", "sandbox-sandbox"],
      ["web-a", "sandbox-amps-a"],
      ["web-b", "amps-b"],
    ]);
    expect(await addSandbox(added, sandbox, anyFree)).toEqual(added);
    expect(removeSandbox(added)).toEqual(taken);
  });
});

describe("removing the sandbox", () => {
  test("leaves exactly what was there before it", async () => {
    expect(removeSandbox(await addSandbox(own, sandbox, anyFree))).toEqual(own);
    expect(removeSandbox(own)).toEqual(own);
  });

  test("takes routes of the operator's to its backends with it, since they lead nowhere", async () => {
    const added = await addSandbox(own, sandbox, anyFree);
    const more = { id: "try", listen: "127.0.0.1:9300", transport: "amps" as const, target: "amps-b" };
    expect(removeSandbox({ ...added, routes: [...added.routes, more] })).toEqual(own);
  });

  test("takes its members out of the operator's pools, with their weights and links", async () => {
    const added = await addSandbox(own, sandbox, anyFree);
    const mixed = {
      ...added,
      pools: [
        {
          id: "prod",
          members: ["prod-1", "amps-a"],
          weights: { "prod-1": 2, "amps-a": 1 },
          links: [{ from: "prod-1", to: "amps-a", type: "sync" as const }],
        },
        ...added.pools.slice(1),
      ],
    };
    expectValid(mixed);
    const removed = removeSandbox(mixed);
    expectValid(removed);
    expect(removed.pools).toEqual([{ id: "prod", members: ["prod-1"], weights: { "prod-1": 2 }, links: [] }]);
  });
});
