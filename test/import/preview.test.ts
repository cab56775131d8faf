/** `import.preview`: fitted into what is configured, read from running instances, and saved only by `config.put`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ShuntConfig } from "../../app/contract/config.ts";
import type { ImportItem, ImportPreview } from "../../app/contract/import.ts";
import type { SavedConfig } from "../../app/contract/commands.ts";
import { emptyConfig } from "../../app/config/empty-config.ts";
import { planImport } from "../../app/import/plan-import.ts";
import { nothing } from "../../app/import/import-source.ts";
import { previewImport } from "../../app/import/preview-import.ts";
import { withItems } from "../../app/import/with-items.ts";
import { refuse } from "../../app/failures.ts";
import { sshSurroundings } from "../../app/tunnels/ssh/ssh-hops.ts";
import { runSandbox } from "../sandbox/running-sandbox.ts";
import { runService } from "../service/running-service.ts";
import { startHttpBackend } from "../support/http-backend.ts";
import { cleanUp, cleanUpAfterEach } from "../support/running-engine.ts";
import { tempFolder } from "../tooling/temp-folder.ts";

cleanUpAfterEach();

const keys = (items: readonly ImportItem[]) => items.map(({ key, status }) => `${status} ${key}`);

test("a running instance is read through its backend: it is recognised, completed, and given routes", async () => {
  const { a, b } = await runSandbox();
  const admin = `http://127.0.0.1:${a.ports.admin}`;
  const config: ShuntConfig = { ...emptyConfig, backends: [{ id: "first", admin }] };
  const { ask, saves } = await runService(config);
  const request = { source: "amps-instance", backend: "first" };
  const { items, notUnderstood } = await ask<ImportPreview>("import.preview", request);
  expect(notUnderstood).toEqual([]);
  expect(items.find(({ key }) => key === "backend first")).toMatchObject({
    status: "changed",
    row: {
      id: "first",
      admin,
      amps: `tcp://127.0.0.1:${a.ports.amps}`,
      websocket: `ws://127.0.0.1:${a.ports.websocket}`,
      replication: `tcp://127.0.0.1:${a.ports.replication}`,
      instanceName: a.name,
    },
  });
  expect(items.find(({ key }) => key === `backend ${b.name}`)).toMatchObject({
    status: "new",
    row: { replication: `tcp://127.0.0.1:${b.ports.replication}` },
  });
  // The instance's own ports are taken on this machine, so its routes listen elsewhere.
  const own = items.flatMap((item) => (item.kind === "route" ? [item] : []));
  expect(own.map(({ row }) => row.target)).toEqual(["first", "first", "first", "first", "first", b.name]);
  const amps = own.find(({ row }) => row.transport === "amps");
  expect(amps?.row.listen).not.toBe(`127.0.0.1:${a.ports.amps}`);
  expect(amps?.note).toMatch(/is taken, so it listens on/);
  expect(saves).toEqual([]);
  const chosen = items.filter(({ suggested }) => suggested);
  const saved = await ask<SavedConfig>("config.put", { config: withItems(config, chosen), revision: 1 });
  expect(saved.config.backends.map(({ id }) => id)).toEqual(["first", b.name]);
  const again = await ask<ImportPreview>("import.preview", request);
  expect(again.items.filter(({ suggested, status }) => suggested && status !== "known")).toEqual([]);
});

test("what an admin endpoint refuses or answers instead is told", async () => {
  const locked = await startHttpBackend((_request, response) => response.writeHead(401).end());
  const other = await startHttpBackend((_request, response) => response.end("<html></html>"));
  cleanUp(() => Promise.all([locked.close(), other.close()]).then(() => undefined));
  const { service, refusal } = await runService({
    ...emptyConfig,
    backends: [
      { id: "locked", admin: `http://127.0.0.1:${locked.port}` },
      { id: "other", admin: `http://127.0.0.1:${other.port}` },
      { id: "bare", amps: "tcp://127.0.0.1:1" },
    ],
  });
  const from = (backend: string) => ({ source: "amps-instance", backend });
  expect(await service.handle("import.preview", from("locked"))).toMatchObject({
    failure: { code: "BACKEND_ANSWER_INVALID", message: expect.stringMatching(/asks for a login/) },
  });
  expect(await refusal("import.preview", from("other"))).toBe("IMPORT_UNREADABLE");
  expect(await refusal("import.preview", from("bare"))).toBe("ENDPOINT_MISSING");
  expect(await refusal("import.preview", from("none"))).toBe("NOT_FOUND");
  expect(await refusal("import.preview", { source: "passwd", text: "" })).toBe("BAD_ARGUMENT");
  const amps = { source: "amps-config", text: "<AMPSConfig/>", via: null };
  expect(await refusal("import.preview", { ...amps, host: "a b" })).toBe("BAD_ARGUMENT");
});

const present: ShuntConfig = {
  version: 1,
  tunnels: [{ id: "gate", type: "ssh", address: "gate.example.com" }],
  backends: [
    { id: "amps", via: "gate", amps: "tcp://${AMPS_HOST}:9007" },
    { id: "taken", amps: "tcp://elsewhere:9007" },
  ],
  pools: [],
  routes: [
    { id: "in", listen: "9007", transport: "amps", target: "amps" },
    { id: "all", listen: "0.0.0.0:9017", transport: "amps", target: "taken" },
  ],
};
const resolved: ShuntConfig = {
  ...present,
  backends: present.backends.map((row) => ({ ...row, amps: row.amps?.replace("${AMPS_HOST}", "far") ?? "" })),
};

function means(config: ShuntConfig, whole: ShuntConfig, home: string) {
  return {
    config,
    resolved: whole,
    readInstanceConfig: async () => refuse<string>("NOT_FOUND", "No."),
    freeListens: async () => new Map<string, string>(),
    ssh: { ...sshSurroundings({}), home, configFile: join(home, ".ssh", "config") },
  };
}

test("~/.ssh/config is read with what it includes; what is configured is recognised, what differs gets free ids and ports", async () => {
  const home = tempFolder({});
  mkdirSync(join(home, ".ssh/extra"), { recursive: true });
  writeFileSync(join(home, ".ssh/config"), "Include extra/*\n");
  const forwards = ["9007 far:9007", "9017 taken:9007", "9007 far:9008"].map(
    (one) => `  LocalForward ${one}`,
  );
  writeFileSync(join(home, ".ssh/extra/a"), ["Host gate.example.com", ...forwards, ""].join("\n"));
  const reply = await previewImport({ source: "ssh-config", text: null }, means(present, resolved, home));
  const { items, notUnderstood } = reply.ok ? reply.value : { items: [], notUnderstood: null };
  expect(notUnderstood).toEqual([]);
  expect(keys(items)).toEqual([
    "known tunnel gate",
    "changed backend amps",
    "new backend taken-2",
    "known route in",
    "new route taken-amps",
    "new route far-websocket",
  ]);
  // The placeholder of the saved document is kept.
  expect(items[1]?.row).toEqual({
    id: "amps",
    via: "gate",
    amps: "tcp://${AMPS_HOST}:9007",
    websocket: "ws://far:9008",
  });
  const listens = items.flatMap((item) => (item.kind === "route" ? [item.row.listen] : []));
  expect(listens).toEqual(["9007", "localhost:9018", "localhost:9008"]);
  expect(items[4]?.needs).toEqual(["backend taken-2"]);
});

test("a home without ~/.ssh/config says so, and is quiet where the file is optional", async () => {
  const around = means(present, resolved, tempFolder({}));
  const reply = await previewImport({ source: "ssh-config", text: null }, around);
  expect(reply).toMatchObject({ ok: false, failure: { code: "IMPORT_UNREADABLE" } });
  const quiet = await previewImport({ source: "ssh-config", text: null, optional: true }, around);
  expect(quiet).toEqual({ ok: true, value: { items: [], notUnderstood: [] } });
});

test("pools of a source keep their members under the ids that these get", () => {
  const backend = (id: string) => ({ row: { id, amps: `tcp://${id}-new:9007` }, origin: "x" });
  const items = planImport(
    {
      ...nothing,
      backends: [backend("taken"), backend("b")],
      pools: [
        { row: { id: "amps", members: ["taken", "b"], weights: { taken: 3 } }, origin: "upstream amps" },
      ],
      routes: [
        { row: { id: "in", listen: "127.0.0.1:9030", transport: "amps", target: "amps" }, origin: "x" },
      ],
    },
    { config: present, resolved },
  );
  expect(items.map(({ row }) => row)).toEqual([
    expect.objectContaining({ id: "taken-2" }),
    expect.objectContaining({ id: "b" }),
    { id: "amps-2", members: ["taken-2", "b"], weights: { "taken-2": 3 } },
    expect.objectContaining({ id: "in-2", target: "amps-2" }),
  ]);
});

test("a port that another program has is not suggested", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { ask } = await runService(emptyConfig);
  const text = `<AMPSConfig><Name>x</Name><Transports><Transport><InetAddr>far:${port}</InetAddr></Transport></Transports></AMPSConfig>`;
  const { items } = await ask<ImportPreview>("import.preview", {
    source: "amps-config",
    text,
    host: null,
    via: null,
  });
  const route = items.find(({ kind }) => kind === "route")?.row;
  expect(route).toMatchObject({ listen: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
  expect(route).not.toMatchObject({ listen: `127.0.0.1:${port}` });
});
