import { formatAmpsTime, formatSpan } from "../data/amps-time.ts";
import { hashName } from "../data/name-hash.ts";
import { clientRows, subscriptionRows } from "./client-rows.ts";
import { HostLoad } from "./host-load.ts";
import type { InstanceView } from "./instance-view.ts";
import type { StatisticsGroup, StatisticsRow } from "./node.ts";
import { Rates } from "./rates.ts";
import { replicationRows } from "./replication-rows.ts";

const totalMemoryBytes = 16 * 1024 ** 3;
const processorCount = 4;
/** Messages per second at which the simulated machine counts as busy. */
const busyMessagesPerSecond = 5_000;

/** Samples of an instance, taken at its statistics interval: what the admin endpoint answers is as old as that. */
export class Statistics {
  readonly #instance: InstanceView;
  readonly #load: HostLoad;
  readonly #rates = new Rates();
  #sample: StatisticsGroup;
  #samples = 0;
  #messagesPerSecond = 0;
  readonly #endSampling: () => void;

  constructor(instance: InstanceView) {
    this.#instance = instance;
    this.#load = new HostLoad(instance.load, instance.random);
    this.#sample = this.#take();
    this.#endSampling = instance.clock.every(instance.statisticsIntervalMs, () => {
      this.#sample = this.#take();
    });
  }

  /** The newest sample, from the root of the tree. */
  get sample(): StatisticsGroup {
    return this.#sample;
  }

  stop(): void {
    this.#endSampling();
  }

  #take(): StatisticsGroup {
    const instance = this.#instance;
    this.#samples += 1;
    this.#rates.begin(instance.clock.now());
    const clients = clientRows(instance, this.#rates);
    const messages = instance.messages();
    this.#messagesPerSecond = this.#rates.perSecond("messages/in", messages.in);
    const perSecond = this.#messagesPerSecond + this.#rates.perSecond("messages/out", messages.out);
    this.#load.step(perSecond / busyMessagesPerSecond);
    return { amps: { host: this.#host(), instance: this.#instanceGroup(clients), administrator: {} } };
  }

  #host(): StatisticsGroup {
    const { cpu, memory } = this.#load;
    const inUse = Math.round(totalMemoryBytes * memory);
    const names = ["all", ...Array.from({ length: processorCount }, (_, at) => `cpu${at}`)];
    return {
      name: "shunt-sandbox",
      cpus: names.map((id) => ({ id, ...shares(cpu) })),
      memory: {
        anonymous: String(Math.round(inUse * 0.8)),
        available: String(totalMemoryBytes - inUse),
        buffers: "0",
        cached: String(Math.round(inUse * 0.2)),
        free: String(Math.round((totalMemoryBytes - inUse) * 0.7)),
        in_use: String(inUse),
        swap_free: "0",
        swap_total: "0",
        total: String(totalMemoryBytes),
      },
    };
  }

  #instanceGroup(clients: StatisticsRow[]): StatisticsGroup {
    const instance = this.#instance;
    const nowMs = instance.clock.now();
    const transports = instance.transports();
    return {
      name: instance.name,
      name_hash: hashName(instance.name),
      version: instance.version,
      description: "SANDBOX: an instance simulated by Shunt",
      pid: String(instance.pid),
      uptime: formatSpan(nowMs - instance.startedAtMs),
      timestamp: formatAmpsTime(nowMs),
      user_id: "sandbox",
      config_path: "sandbox.xml",
      cwd: "/sandbox",
      clients,
      transports: transports.map((transport) => ({
        id: transport.id,
        name: transport.name,
        type: transport.protocol === "amps-replication" ? "amps-replication" : "tcp",
        message_type: "",
        options: `Protocol=${transport.protocol};InetAddr=127.0.0.1:${transport.port}`,
        is_enabled: transport.isEnabled ? "1" : "0",
      })),
      replication: replicationRows(instance, this.#rates),
      subscriptions: subscriptionRows(instance),
      queues: queueRows(instance),
      cpu: cpuGroup(this.#load.cpu),
      memory: {
        rss: String(Math.round(totalMemoryBytes * 0.1 * (1 + this.#load.memory))),
        vmsize: "4294967296",
      },
      api: { command_queue_depth: "0" },
      queries: { queued_queries: "0" },
      processors: this.#processors(),
      statistics: {
        interval: String(instance.statisticsIntervalMs),
        file_name: ":memory:",
        total_samples: String(this.#samples),
      },
      sandbox: {
        sql_transport_port: String(transports.find(({ protocol }) => protocol === "websocket")?.port ?? ""),
        sql_transport_inet_addr: instance.sqlTransportAddress ?? "",
        delay_ms: String(instance.delayMs()),
      },
    };
  }

  #processors(): StatisticsRow[] {
    const row = {
      last_active: String(Math.round(this.#instance.delayMs())),
      throttle_count: "0",
      messages_received_per_sec: this.#messagesPerSecond.toFixed(3),
      matches_found_per_sec: "0.000",
      denied_reads: "0",
      denied_writes: "0",
    };
    return [
      { id: "all", ...row },
      { id: "processor-0", ...row },
    ];
  }
}

/** Shares of one processor; idle first, as the documentation lists them. */
function shares(busy: number): StatisticsRow {
  const percent = (share: number) => String(share * 100);
  return {
    idle_percent: percent(1 - busy),
    iowait_percent: percent(busy * 0.05),
    system_percent: percent(busy * 0.25),
    user_percent: percent(busy * 0.7),
  };
}

function cpuGroup(busy: number): StatisticsGroup {
  const { system_percent = "0", user_percent = "0" } = shares(busy);
  return { total_percent: String(busy * 100), system_percent, user_percent };
}

function queueRows(instance: InstanceView): StatisticsRow[] {
  return instance.broker.queueFigures().map((queue) => ({
    id: queue.topic,
    topic: queue.topic,
    queue_depth: String(queue.depth),
    owned: String(queue.owned),
    backlog: String(queue.backlog),
    seconds_behind: String(queue.secondsBehind),
    proxied_transfer: queue.proxiedTransfer ? "1" : "0",
    transferred_in: "0",
    transferred_out: "0",
    age_of_oldest_lease: String(queue.oldestLeaseSeconds),
  }));
}
