import type { Reply } from "../contract/commands.ts";
import type { ShuntConfig } from "../contract/config.ts";
import type { SandboxAction, SandboxInstance, SandboxStatus } from "../contract/sandbox.ts";
import { accept, errorText, refuse } from "../failures.ts";
import { randomUUID } from "node:crypto";
import { AmpsInstance } from "./amps-instance.ts";
import { systemClock, type SandboxClock } from "./clock.ts";
import { startDemoOrders } from "./demo-orders.ts";
import { plannedPorts, portsFit } from "./port-plan.ts";
import { configFor } from "./instances-config.ts";
import type { SandboxHandle, SandboxOptions } from "./sandbox-handle.ts";
import { sandboxAuthenticate, type Authenticate } from "./session/authenticate.ts";
import { StatusFeed } from "./status-feed.ts";

export interface SandboxDependencies {
  readonly clock?: SandboxClock;
  readonly random?: () => number;
  readonly authenticate?: Authenticate;
}

const maxInstances = 8;
const maxDelayMs = 60_000;

/** Simulated AMPS instances that replicate to each other, good enough to try everything in Shunt without a server. */
export function createSandbox(dependencies: SandboxDependencies = {}): SandboxHandle {
  return new Sandbox({
    clock: dependencies.clock ?? systemClock,
    random: dependencies.random ?? Math.random,
    authenticate: dependencies.authenticate ?? sandboxAuthenticate,
  });
}

class Sandbox implements SandboxHandle {
  readonly #dependencies: Required<SandboxDependencies>;
  readonly #feed: StatusFeed;
  #instances: readonly AmpsInstance[] = [];
  #endDemo: (() => void) | null = null;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(dependencies: Required<SandboxDependencies>) {
    this.#dependencies = dependencies;
    this.#feed = new StatusFeed(dependencies.clock, () => this.#status());
  }

  start(options: SandboxOptions): Promise<Reply<SandboxStatus>> {
    return this.#inTurn(() => this.#start(options));
  }

  stop(): Promise<SandboxStatus> {
    return this.#inTurn(async () => {
      await this.#stopAll();
      this.#feed.publish();
      return this.#status();
    });
  }

  act(instance: string, action: SandboxAction): Promise<Reply<SandboxStatus>> {
    return this.#inTurn(() => this.#act(instance, action));
  }

  async status(): Promise<SandboxStatus> {
    return this.#status();
  }

  async config(): Promise<ShuntConfig> {
    return configFor(this.#instances);
  }

  onChange(listener: (status: SandboxStatus) => void): () => void {
    return this.#feed.listen(listener);
  }

  /** Starts, stops and actions one after the other, however they are called. */
  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(run);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #start(options: SandboxOptions): Promise<Reply<SandboxStatus>> {
    if (this.#instances.length > 0) return accept(this.#status());
    const { instances: count, basePort } = options;
    if (!Number.isInteger(count) || count < 1 || count > maxInstances) {
      return refuse("BAD_ARGUMENT", `A sandbox has from 1 to ${maxInstances} instances, not ${count}.`);
    }
    if (!Number.isInteger(basePort) || !portsFit(basePort, count)) {
      return refuse("BAD_ARGUMENT", `The ports of ${count} instances do not fit above ${basePort}.`);
    }
    this.#instances = this.#build(options);
    try {
      for (const instance of this.#instances) await instance.start();
    } catch (error) {
      await this.#stopAll();
      return refuse("SANDBOX_FAILED", `The sandbox could not start: ${errorText(error)}.`);
    }
    const { clock, random } = this.#dependencies;
    if (options.demo === true) this.#endDemo = startDemoOrders(clock, random, () => this.#demoBroker());
    this.#feed.start();
    this.#feed.publish();
    return accept(this.#status());
  }

  #build(options: SandboxOptions): AmpsInstance[] {
    const sandbox = randomUUID();
    const instances = Array.from({ length: options.instances }, (_, at) => {
      const name = `amps-${String.fromCharCode("a".charCodeAt(0) + at)}`;
      return new AmpsInstance({
        name,
        sandbox,
        ports: plannedPorts(options.basePort, at),
        ...this.#dependencies,
        statisticsIntervalMs: options.statisticsIntervalMs ?? 1_000,
        ackIntervalMs: options.ackIntervalMs ?? 1_000,
        leaseMs: options.leaseMs ?? 30_000,
        load: options.loads?.[name] ?? null,
        externalAdminAddress: options.adminAddresses?.[name] ?? null,
        sqlTransportAddress: options.sqlTransportAddresses?.[name] ?? null,
        onChanged: () => this.#feed.touch(),
      });
    });
    for (const instance of instances) {
      const peers = instances.filter((peer) => peer !== instance);
      instance.replicateTo(peers, options.syncType ?? "sync");
    }
    return instances;
  }

  async #stopAll(): Promise<void> {
    this.#endDemo?.();
    this.#endDemo = null;
    this.#feed.stop();
    const instances = this.#instances;
    this.#instances = [];
    await Promise.all(instances.map((instance) => instance.stop()));
  }

  async #act(name: string, action: SandboxAction): Promise<Reply<SandboxStatus>> {
    const instance = this.#instances.find((candidate) => candidate.name === name);
    if (instance === undefined) return refuse("NOT_FOUND", `The sandbox has no instance "${name}".`);
    switch (action.do) {
      case "stop":
        await instance.stop();
        break;
      case "start":
        try {
          await instance.start();
        } catch (error) {
          return refuse("SANDBOX_FAILED", `${name} could not start again: ${errorText(error)}.`);
        }
        break;
      case "slow": {
        const { delayMs } = action;
        if (!(delayMs >= 0 && delayMs <= maxDelayMs)) {
          return refuse("BAD_ARGUMENT", `A delay is from 0 to ${maxDelayMs} ms, not ${delayMs}.`);
        }
        instance.slow(Math.round(delayMs));
        break;
      }
      case "downgrade":
      case "upgrade": {
        const link = instance.links().find((candidate) => candidate.options.to === action.to);
        if (link === undefined) return refuse("NOT_FOUND", `${name} does not replicate to "${action.to}".`);
        if (!instance.running) return refuse("SANDBOX_FAILED", `${name} is stopped.`);
        if (action.do === "downgrade") link.downgrade();
        else link.upgrade();
        break;
      }
    }
    this.#feed.publish();
    return accept(this.#status());
  }

  #demoBroker(): AmpsInstance["broker"] | null {
    const first = this.#instances[0];
    return first?.running === true ? first.broker : null;
  }

  #status(): SandboxStatus {
    return { running: this.#instances.length > 0, instances: this.#instances.map(statusOf) };
  }
}

function statusOf(instance: AmpsInstance): SandboxInstance {
  const messages = instance.messages();
  return {
    name: instance.name,
    state: instance.running ? "running" : "stopped",
    delayMs: instance.delayMs(),
    ports: instance.ports,
    clients: instance.clients,
    messagesIn: messages.in,
    messagesOut: messages.out,
    links: instance.links().map((link) => ({
      to: link.options.to,
      configured: link.options.configured,
      type: link.type,
      connected: link.connected,
      secondsBehind: link.secondsBehind,
    })),
  };
}
