/** What an operator may ask of the running engine. */
import type { Reply } from "../contract/commands.ts";
import type { BackendConfig } from "../contract/config.ts";
import { accept, refuse } from "../failures.ts";
import { readInstanceConfig } from "../import/read-instance-config.ts";
import type { EngineHandle } from "./engine-handle.ts";
import type { EngineParts } from "./engine-parts.ts";
import { freeListens, suggestListen } from "./free-listens.ts";
import { listenerCommands } from "./listener-commands.ts";

type Life = "apply" | "snapshot" | "follow" | "onEvent" | "close";

export function commandsOf(parts: EngineParts): Omit<EngineHandle, Life> {
  return {
    ...readingCommands(parts),
    ...listenerCommands(parts),
    ...routeCommands(parts),
    ...backendCommands(parts),
    ...tunnelCommands(parts),
    ...galvanometerCommands(parts),
  };
}

function readingCommands({ hub, sampling, moverStatus }: EngineParts) {
  return {
    activity: async () => hub.activity.entries(),
    history: async () => sampling.routeRates.history(),
    hour: async (id) => sampling.hours.of(id),
    forwarding: async () => moverStatus,
    note: async (entry) => hub.note(entry),
  } satisfies Partial<EngineHandle>;
}

function routeCommands({ hub, drains, listeners, conditions, galvanometers }: EngineParts) {
  const { registry, note } = hub;
  return {
    cutDraining: async (id) => drains.hasten(id),
    async setConditions(id, wanted, { forMs, reconnect }) {
      const reply = conditions.set(id, wanted, forMs);
      if (reply.ok && (reconnect || wanted.fault?.do === "down"))
        for (const connection of registry.openOfRoute(id)) connection.cut();
      return reply;
    },
    clearConditions: async (id) => conditions.clear(id),
    async closeConnection(id) {
      const connection = registry.get(id);
      if (!connection && galvanometers.cut(id)) return accept(null);
      if (!connection) return refuse("NOT_FOUND", `Connection ${id} has ended already.`);
      connection.cut();
      const { route, backend, logon, client } = connection;
      note({
        event: "connection-cut",
        severity: "info",
        route,
        ...(backend !== null && { backend }),
        connection: id,
        message: `The connection of ${logon?.ampsClient ?? client} was closed by the operator.`,
      });
      return accept(null);
    },
    freeListens,
    suggestListen: (listen) => suggestListen(listen, (one) => listeners.ownRoute(one)),
  } satisfies Partial<EngineHandle>;
}

function backendCommands({ hub, health, guards, examinations, dial }: EngineParts) {
  const ofBackend = async <T>(
    id: string,
    use: (backend: BackendConfig) => Promise<Reply<T>>,
  ): Promise<Reply<T>> => {
    const backend = hub.config.backends.find((one) => one.id === id);
    return backend ? use(backend) : refuse("NOT_FOUND", `There is no backend ${id}.`);
  };
  return {
    probeBackend: (id) =>
      ofBackend(id, async () => {
        await health.probe(id);
        return accept(null);
      }),
    async promote(pool, member) {
      const reply = guards.promote(pool, member);
      hub.changed();
      return reply;
    },
    testBackend: (id, run) => ofBackend(id, async (backend) => accept(await examinations.run(backend, run))),
    stopTest: async (run) => examinations.stop(run),
    readInstanceConfig: (id) => ofBackend(id, (backend) => readInstanceConfig(backend, dial)),
  } satisfies Partial<EngineHandle>;
}

function tunnelCommands({ tunnels, questions }: EngineParts) {
  return {
    retryTunnel: (id) => tunnels.retry(id),
    stopTunnel: async (id) => tunnels.stop(id),
    forgetSecrets: async (id) => tunnels.forgetSecrets(id),
    async answerQuestion(id, answer) {
      if (questions.answer(id, answer)) return accept(null);
      return refuse("NOT_FOUND", "This question is no longer open.");
    },
    wake: async () => tunnels.wake(),
  } satisfies Partial<EngineHandle>;
}

function galvanometerCommands({ galvanometers }: EngineParts) {
  return {
    uncoveredPeers: (backend) => galvanometers.peers(backend),
    openGalvanometer: (backend, wanted) => galvanometers.open(backend, wanted),
    judgeGalvanometer: (id, asked) => galvanometers.judge(id, asked),
    unlockGalvanometer: async (id, durationMs) => galvanometers.unlock(id, durationMs),
    allowGalvanometer: async (backend, target) => galvanometers.allow(backend, target),
    closeGalvanometer: async (id) => galvanometers.close(id),
  } satisfies Partial<EngineHandle>;
}
