/** The contract's commands, answered by a made-up engine. */
import type { CommandHandlers, Reply } from "../../app/contract/commands.ts";
import type { FailureCode } from "../../app/contract/failures.ts";
import type { RouteStatus } from "../../app/contract/snapshot.ts";
import { checkFakeConfig, withoutSandboxParts, withSandboxParts } from "./fake-config.ts";
import { fakeHour } from "./fake-engine.ts";
import type { FakeExaminations } from "./fake-examination.ts";
import { fakeExport } from "./fake-export.ts";
import { fakeOpening } from "./fake-galvanometer.ts";
import { fakeImport } from "./fake-import.ts";
import { fakePool } from "./fake-pool.ts";
import { actOnFakeSandbox, runningSandbox, stoppedSandbox } from "./fake-sandbox.ts";
import { fakeUpdates } from "./fake-updates.ts";
import type { FakeWorld } from "./fake-world.ts";

const ok = <T>(value: T): Reply<T> => ({ ok: true, value });
const failed = (code: FailureCode, message: string, advice: string): Reply<never> => ({
  ok: false,
  failure: { code, hop: "config", message, advice },
});

export function fakeCommands(world: FakeWorld, examinations: FakeExaminations): CommandHandlers {
  return {
    ...documentCommands(world),
    ...routeCommands(world),
    ...reachCommands(world, examinations),
    ...fakeUpdates(world.emit),
  };
}

/** What is known, and the configuration document: read, changed, imported into, exported. */
function documentCommands(world: FakeWorld) {
  const saved = () => world.facts().saved;
  const stoppedExports = new Set<string | undefined>();
  return {
    "about.get": async () =>
      ok({
        version: "0.1.0",
        runtime: "headless",
        engine: "Node.js 20.20.2",
        platform: "linux x64",
        forwarding: { native: true, why: null },
        configFile: "/home/ops/.config/Shunt/config.json",
      }),
    "snapshot.get": async () => ok(world.facts().snapshot),
    "activity.list": async () => ok(world.facts().activity),
    "history.get": async () => ok(world.history()),
    "route.hour": async ({ id }) => ok(fakeHour(id)),
    "config.get": async () => ok(world.facts().saved),
    "config.check": async ({ config }) => ok(checkFakeConfig(config)),
    "config.put": async ({ config, revision }) => {
      if (revision !== saved().revision)
        return failed(
          "CONFIG_CONFLICT",
          "The configuration was changed meanwhile.",
          "Load it anew and try again.",
        );
      const problems = checkFakeConfig(config);
      if (problems.length === 0) return ok(world.put(config));
      return {
        ok: false,
        failure: {
          code: "CONFIG_INVALID",
          hop: "config",
          message: "The configuration has problems.",
          advice: "Mend them and save again.",
          problems,
        },
      };
    },
    "routes.enable": async ({ ids, enabled }) =>
      ok(
        world.put({
          ...saved().config,
          routes: saved().config.routes.map((route) =>
            ids.includes(route.id) ? { ...route, enabled } : route,
          ),
        }),
      ),
    "import.preview": async (request) => ok(fakeImport(request, world.facts().saved.config)),
    "export.preview": async ({ run, ...request }) => {
      while (world.isExportHeld() && !stoppedExports.has(run))
        await new Promise((resolve) => setTimeout(resolve, 50));
      return stoppedExports.has(run)
        ? failed("EXPORT_STOPPED", "The export was stopped.", "Ask for it again when it is wanted.")
        : ok(fakeExport(saved().config, request));
    },
    "export.stop": async ({ run }) => {
      stoppedExports.add(run);
      return ok(null);
    },
  } satisfies Partial<CommandHandlers>;
}

/** What is done to routes and their connections. */
function routeCommands(world: FakeWorld) {
  const snapshot = () => world.facts().snapshot;
  return {
    "route.retry": async ({ id }) => {
      world.publish({
        routes: snapshot().routes.map((row) =>
          row.id === id && row.sessionListen
            ? { ...row, listen: row.sessionListen.configured, sessionListen: null }
            : row,
        ),
      });
      return ok(null);
    },
    "route.restart": async ({ id, graceMs }) => {
      if (graceMs === 0)
        for (const { route, id: connection } of snapshot().connections)
          if (route === id) world.closeConnection(connection);
      world.note({ event: "route-restarted", severity: "info", route: id, message: `${id} was restarted.` });
      return ok(null);
    },
    "route.listen-for-session": async ({ id, port }) => {
      world.publish({
        routes: snapshot().routes.map((row): RouteStatus => {
          if (row.id !== id) return row;
          const instead = { configured: row.listen, why: row.failure?.message ?? "" };
          const listen = row.listen.replace(/\d+$/, String(port));
          return { ...row, state: "listening", reason: null, failure: null, listen, sessionListen: instead };
        }),
      });
      return ok(null);
    },
    "route.conditions.set": async ({ id, conditions, forMs }) => {
      const active = {
        conditions,
        until: new Date(Date.now() + forMs).toISOString(),
        says: `latency ${conditions.latencyMs ?? 0} ms, ${conditions.fault?.do ?? "no fault"}`,
      };
      world.publish({
        routes: snapshot().routes.map((row) => (row.id === id ? { ...row, conditions: active } : row)),
      });
      return ok(active);
    },
    "route.conditions.clear": async ({ id }) => {
      world.publish({
        routes: snapshot().routes.map((row) => (row.id === id ? { ...row, conditions: null } : row)),
      });
      return ok(null);
    },
    "route.addresses": async ({ id }) => {
      const route = snapshot().routes.find((row) => row.id === id);
      if (!route) return failed("NOT_FOUND", `There is no route "${id}".`, "Load the page anew.");
      return ok([
        {
          label: "Python, C++, Java, C# clients",
          value: `tcp://${route.listen}/amps/json`,
          note: "or another message type in place of json",
        },
        { label: "JavaScript client", value: `ws://${route.listen}/amps/json`, note: null },
        {
          label: "Clients with http_preflight",
          value: `tcp://${route.listen}/amps/json?http_preflight=true`,
          note: null,
        },
        { label: "Galvanometer and statistics", value: `http://${route.listen}/`, note: null },
      ]);
    },
    "listen.suggest": async ({ listen }) => {
      const taken = new Set([...snapshot().routes.map((route) => route.listen), "127.0.0.1:9008"]);
      let port = Number(listen.split(":").at(-1));
      const host = listen.slice(0, listen.lastIndexOf(":"));
      while (taken.has(`${host}:${port}`)) port += 1;
      const route = snapshot().routes.find((row) => row.listen === listen && row.state !== "failed");
      return ok({
        listen: `${host}:${port}`,
        owner: route ? `route "${route.id}"` : taken.has(listen) ? "java (pid 4711)" : null,
      });
    },
    "connection.close": async ({ id }) => {
      world.closeConnection(id);
      return ok(null);
    },
  } satisfies Partial<CommandHandlers>;
}

/** What is done to backends, pools, tunnels, and to the sandbox. */
function reachCommands(world: FakeWorld, examinations: FakeExaminations) {
  const saved = () => world.facts().saved;
  const snapshot = () => world.facts().snapshot;
  return {
    "backend.probe": async () => ok(null),
    "pool.promote": async ({ pool, member }) => {
      const config = saved().config.pools.find((row) => row.id === pool);
      if (config)
        world.publish({
          pools: snapshot().pools.map((row) =>
            row.id === pool ? fakePool(config, saved().config.routes, member) : row,
          ),
        });
      return ok(null);
    },
    "backend.test": ({ id, run }) => examinations.run(id, run),
    "backend.test-stop": async ({ run }) => {
      examinations.stop(run);
      return ok(null);
    },
    "tunnel.retry": async () => ok(null),
    "tunnel.stop": async () => ok(null),
    "tunnel.answer": async () =>
      failed("NOT_POSSIBLE_HERE", "Nobody is asked here.", "Use the desktop app for this."),
    "secrets.list": async () => ok(world.facts().secrets),
    "secrets.forget": async ({ tunnel }) =>
      ok(world.setSecrets(world.facts().secrets.filter((secret) => secret.tunnel !== tunnel))),
    "galvanometer.open": async ({ backend }) => {
      const admin = saved().config.backends.find((row) => row.id === backend)?.admin;
      if (admin === undefined)
        return failed(
          "ENDPOINT_MISSING",
          `Backend ${backend} has no admin endpoint.`,
          "Add the endpoint to the backend.",
        );
      return ok(fakeOpening(backend, admin));
    },
    "galvanometer.allow": async () => ok(null),
    "sandbox.status": async () => ok(world.facts().sandbox),
    "sandbox.start": async () => {
      world.put(withSandboxParts(saved().config));
      return ok(world.setSandbox(runningSandbox));
    },
    "sandbox.stop": async ({ remove }) => {
      if (remove) world.put(withoutSandboxParts(saved().config));
      return ok(world.setSandbox(stoppedSandbox));
    },
    "sandbox.act": async ({ instance, action }) =>
      ok(world.setSandbox(actOnFakeSandbox(world.facts().sandbox, instance, action))),
  } satisfies Partial<CommandHandlers>;
}
