import { expect, test } from "vitest";
import { AmpsTcpClient, AmpsWsClient } from "../support/amps-client.ts";
import { allLinked, runSandbox, until } from "./running-sandbox.ts";

const quick = { statisticsIntervalMs: 50 };

async function get(port: number, path: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`);
}

type Row = Readonly<Record<string, string>>;
type Tree = { readonly [name: string]: Tree };

/** The JSON at a path of the admin endpoint, unwrapped from its path: rows, unless told otherwise. */
async function read<Node = readonly Row[]>(port: number, path: string): Promise<Node> {
  let node = (await (await get(port, `/${path}.json`)).json()) as Tree;
  for (const name of path.split("/")) node = node[name]!;
  return node as unknown as Node;
}

/** Every value that is no group and no collection. */
function leavesOf(node: unknown): unknown[] {
  return typeof node === "object" && node !== null ? Object.values(node).flatMap(leavesOf) : [node];
}

test("a node is answered under its whole path, values as strings", async () => {
  const { a } = await runSandbox({ loads: { "amps-a": { cpu: 0.25, memory: 0.5 } } });
  expect(await (await get(a.ports.admin, "/amps/instance/name.json")).json()).toEqual({
    amps: { instance: { name: "amps-a" } },
  });
  const cpus = await read(a.ports.admin, "amps/host/cpus");
  expect(cpus.map(({ id }) => id)).toEqual(["all", "cpu0", "cpu1", "cpu2", "cpu3"]);
  expect(cpus[0]!.idle_percent).toBe("75");
  const memory = await read<Row>(a.ports.admin, "amps/host/memory");
  expect(Number(memory.in_use) / Number(memory.total)).toBeCloseTo(0.5, 5);
  const instance = await read<Tree>(a.ports.admin, "amps/instance");
  expect(instance).toMatchObject({
    name: "amps-a",
    version: expect.stringMatching(/^5\./),
    statistics: { interval: "1000" },
  });
  expect(instance.uptime).toMatch(/^\d\d:\d\d:\d\d\.\d{6}$/);
  expect(instance.timestamp).toMatch(/^\d{8}T\d{6}\.\d{6}Z$/);
  expect(leavesOf(instance).filter((leaf) => typeof leaf !== "string")).toEqual([]);
});

test("client rows tell who is connected, from where, and how much was carried", async () => {
  const { a } = await runSandbox({ ...quick, instances: 1 });
  const tcp = await AmpsTcpClient.connect({ port: a.ports.amps, name: "desk-1", user: "alice" });
  const ws = await AmpsWsClient.connect({ port: a.ports.websocket, name: "desk-2" });
  await tcp.subscribe("t");
  const rowsNow = () => read(a.ports.admin, "amps/instance/clients");
  await expect.poll(async () => (await rowsNow())[0]?.subscription_count).toBe("1");
  const rows = await rowsNow();
  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatchObject({
    client_name: "desk-1",
    authenticated_id: "alice",
    client_version: "5.3.5.0:test",
    remote_address: `127.0.0.1:${tcp.socket.localPort}`,
    subscription_count: "1",
    bytes_in: String(tcp.socket.bytesWritten),
    bytes_out: String(tcp.socket.bytesRead),
  });
  const one = (await get(a.ports.admin, `/amps/instance/clients/${rows[1]!.id}.json`)).json();
  expect(await one).toEqual({
    amps: { instance: { clients: [expect.objectContaining({ client_name: "desk-2" })] } },
  });
  await ws.close();
  await expect.poll(async () => (await read(a.ports.admin, "amps/instance/clients")).length).toBe(1);
});

test("replication rows name the peer, its recorded admin address, and the current type", async () => {
  const adminAddresses = { "amps-b": "amps-b.internal:8085" };
  const { a, b, handle } = await runSandbox({ ...quick, adminAddresses });
  await until(handle, allLinked);
  const outgoing = async (port: number, name: string) =>
    (await read(port, "amps/instance/replication")).find((row) => row.destination_name === name);
  await expect
    .poll(() => outgoing(a.ports.admin, "amps-b"))
    .toMatchObject({
      is_connected: "1",
      replication_type: "sync",
      destination_admin_addr: "amps-b.internal:8085",
    });
  expect(await outgoing(b.ports.admin, "amps-a")).toMatchObject({
    destination_admin_addr: `127.0.0.1:${a.ports.admin}`,
  });
  await handle.act("amps-a", { do: "downgrade", to: "amps-b" });
  await expect.poll(async () => (await outgoing(a.ports.admin, "amps-b"))?.replication_type).toBe("async");
  await handle.act("amps-b", { do: "stop" });
  await expect.poll(async () => (await outgoing(a.ports.admin, "amps-b"))?.is_connected).toBe("0");
});

test("statistics are samples: what changed shows at the next one", async () => {
  const { a } = await runSandbox({ instances: 1, statisticsIntervalMs: 600 });
  await AmpsTcpClient.connect({ port: a.ports.amps });
  expect(await read(a.ports.admin, "amps/instance/clients")).toEqual([]);
  await expect
    .poll(async () => (await read(a.ports.admin, "amps/instance/clients")).length, { timeout: 3_000 })
    .toBe(1);
});

test("every form of a node is answered, to any origin, and what is not there is 404", async () => {
  const { a } = await runSandbox({ instances: 1 });
  const text = async (path: string) => (await get(a.ports.admin, path)).text();
  const answer = await get(a.ports.admin, "/amps/instance/name.json");
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  expect(await text("/amps/host/cpus.xml")).toMatch(/<cpus>\s*<cpu id='all'/);
  expect(await text("/amps/instance/name.csv")).toMatch(/^\d{8}T[\d.]+Z,amps-a\n$/);
  expect(await text("/amps/instance/name")).toBe("amps-a\n");
  expect(await text("/amps")).toContain("SANDBOX");
  expect(await text("/amps/instance/config.xml")).toContain("<Name>amps-a</Name>");
  for (const path of [
    "/amps/nothing.json",
    "/nothing",
    "/amps/instance/clients/99.json",
    "/amps/instance/constructor",
  ]) {
    expect((await get(a.ports.admin, path)).status).toBe(404);
  }
  const post = await fetch(`http://127.0.0.1:${a.ports.admin}/amps/instance/name.json`, { method: "POST" });
  expect(post.status).toBe(405);
});

test("an administrator's GET disconnects a client", async () => {
  const { a } = await runSandbox({ ...quick, instances: 1 });
  const client = await AmpsTcpClient.connect({ port: a.ports.amps });
  await expect.poll(async () => (await read(a.ports.admin, "amps/instance/clients")).length).toBe(1);
  const id = (await read(a.ports.admin, "amps/instance/clients"))[0]!.id;
  expect((await get(a.ports.admin, `/amps/administrator/clients/${id}/disconnect`)).status).toBe(200);
  expect(await client.closed).toBe("end");
});

test("a disabled transport drops its clients and refuses new ones until it is enabled", async () => {
  const { a } = await runSandbox({ instances: 1 });
  const client = await AmpsTcpClient.connect({ port: a.ports.amps });
  await get(a.ports.admin, "/amps/administrator/transports/1/disable");
  expect(await client.closed).toBe("ECONNRESET");
  await expect(AmpsTcpClient.connect({ port: a.ports.amps })).rejects.toThrow("ECONNREFUSED");
  await AmpsWsClient.connect({ port: a.ports.websocket });
  await get(a.ports.admin, "/amps/administrator/transports/1/enable");
  await AmpsTcpClient.connect({ port: a.ports.amps, name: "again" });
});

test("links are downgraded and upgraded by GET, queues given proxied transfer, and the dry run answers", async () => {
  const { a, handle } = await runSandbox();
  const type = async () => (await handle.status()).instances[0]!.links[0]!.type;
  await get(a.ports.admin, "/amps/administrator/replication/1/downgrade");
  expect(await type()).toBe("async");
  await get(a.ports.admin, "/amps/administrator/replication/1/upgrade");
  expect(await type()).toBe("sync");
  const check = "/amps/administrator/authorization/entitlement/transports/amps-admin/check.json?path=/x";
  expect(await (await get(a.ports.admin, check)).json()).toBe(true);
  expect((await get(a.ports.admin, "/amps/administrator/replication/9/downgrade")).status).toBe(404);
});

test("the page is whole, says SANDBOX, and asks for nothing outside its own folder", async () => {
  const { a } = await runSandbox({ instances: 1 });
  const page = await (await get(a.ports.admin, "/")).text();
  expect(page).toContain("SANDBOX");
  const addresses = [...page.matchAll(/(?:src|href)="([^"#][^"]*)"/g)].map(([, address]) => address!);
  expect(addresses).toEqual(["data:,", "page.css", "page.js"]);
  for (const file of ["page.css", "page.js", "replication.js", "sql.js", "table.js"]) {
    const body = await (await get(a.ports.admin, `/${file}`)).text();
    expect(body.length).toBeGreaterThan(200);
    expect(body).not.toMatch(/(?:src|href|url|from|fetch)\s*[("=]+\s*["']?(?:https?:|\/)/);
  }
});
