import type { InstanceView } from "./admin/instance-view.ts";
import { adminEndpoint } from "./admin/admin-endpoint.ts";
import { Statistics } from "./admin/statistics.ts";
import type { SandboxClock } from "./clock.ts";
import { Broker } from "./data/broker.ts";
import type { LoopbackListener } from "./loopback-listener.ts";
import { nextPorts, type InstancePorts } from "./port-plan.ts";
import { ReplicationLink } from "./replication/replication-link.ts";
import { ReplicationTarget, type Incoming } from "./replication/replication-target.ts";
import type { Authenticate } from "./session/authenticate.ts";
import { ClientSession } from "./session/client-session.ts";
import { PersistedWaiters } from "./session/persisted-waiters.ts";
import type { Session } from "./session/session.ts";
import { Sessions } from "./session/sessions.ts";
import { tcpTransport } from "./tcp-transport.ts";
import { Transport } from "./transport.ts";
import { websocketTransport } from "./websocket-transport.ts";
import type { WireContext } from "./wire/client-wire.ts";

/** The AMPS version whose behaviour the sandbox follows. */
const ampsVersion = "5.3.5.0";

interface InstanceOptions {
  readonly name: string;
  /** One value for all instances of one sandbox. */
  readonly sandbox: string;
  readonly ports: InstancePorts;
  readonly clock: SandboxClock;
  readonly random: () => number;
  readonly authenticate: Authenticate;
  readonly statisticsIntervalMs: number;
  readonly ackIntervalMs: number;
  readonly leaseMs: number;
  readonly load: InstanceView["load"];
  readonly externalAdminAddress: string | null;
  readonly sqlTransportAddress: string | null;
  readonly onChanged: () => void;
}

/**
 * One simulated AMPS instance: transports, admin endpoint, data, and links to its peers. A stop is a kill: sockets
 * are reset. Data outlives it, as a real instance's files do; subscriptions, leases and downgrades do not.
 */
export class AmpsInstance implements InstanceView {
  readonly name: string;
  readonly version = ampsVersion;
  readonly clock: SandboxClock;
  readonly random: () => number;
  readonly load: InstanceView["load"];
  readonly statisticsIntervalMs: number;
  readonly externalAdminAddress: string | null;
  readonly sqlTransportAddress: string | null;
  readonly broker: Broker;
  pid = 0;
  startedAtMs = 0;
  readonly #options: InstanceOptions;
  readonly #sessions: Sessions;
  readonly #waiters: PersistedWaiters;
  readonly #target: ReplicationTarget;
  readonly #transports: readonly Transport[];
  readonly #admin: LoopbackListener;
  #adminPort: number;
  #peers: readonly AmpsInstance[] = [];
  #links: readonly ReplicationLink[] = [];
  #statistics: Statistics | null = null;
  #delayMs = 0;

  constructor(options: InstanceOptions) {
    const { name, sandbox, ports, clock, leaseMs, ackIntervalMs } = options;
    this.#options = options;
    this.name = name;
    this.clock = clock;
    this.random = options.random;
    this.load = options.load;
    this.statisticsIntervalMs = options.statisticsIntervalMs;
    this.externalAdminAddress = options.externalAdminAddress;
    this.sqlTransportAddress = options.sqlTransportAddress;
    this.broker = new Broker({ instance: name, clock, leaseMs });
    this.#sessions = new Sessions(options.onChanged);
    this.#waiters = new PersistedWaiters(() => this.#durableIndex());
    const delayMs = () => this.#delayMs;
    const takeOver = this.broker.takeOver.bind(this.broker);
    this.#target = new ReplicationTarget({ sandbox, clock, delayMs, ackIntervalMs, takeOver });
    const context = this.#wireContext();
    this.#transports = [
      new Transport("1", "amps", tcpTransport(context), ports.amps),
      new Transport("2", "websocket", websocketTransport(context), ports.websocket),
      new Transport("3", "amps-replication", this.#target.listener, ports.replication),
    ];
    this.#adminPort = ports.admin;
    this.#admin = adminEndpoint(this, () => this.#sampled());
    this.broker.onAppended(() => {
      for (const link of this.#links) link.onAppended();
    });
  }

  get running(): boolean {
    return this.#statistics !== null;
  }

  get clients(): number {
    return this.#sessions.size;
  }

  get ports(): InstancePorts {
    const port = (protocol: Transport["protocol"]) =>
      this.#transports.find((transport) => transport.protocol === protocol)?.port ?? 0;
    return {
      amps: port("amps"),
      websocket: port("websocket"),
      admin: this.#adminPort,
      replication: port("amps-replication"),
    };
  }

  delayMs = (): number => this.#delayMs;
  adminPort = (): number => this.#adminPort;
  sessions = (): readonly Session[] => this.#sessions.all();
  messages = (): { readonly in: number; readonly out: number } => this.#sessions.messages;
  transports = (): readonly Transport[] => this.#transports;
  links = (): readonly ReplicationLink[] => this.#links;
  incoming = (): readonly Incoming[] => this.#target.incoming;

  peerAdminAddress(peer: string): string {
    const instance = this.#peers.find((candidate) => candidate.name === peer);
    return instance?.externalAdminAddress ?? `127.0.0.1:${instance?.adminPort() ?? 0}`;
  }

  /** Sets up a link to each peer; call once, before the start. */
  replicateTo(peers: readonly AmpsInstance[], configured: "sync" | "async"): void {
    this.#peers = peers;
    this.#links = peers.map(
      (peer, at) =>
        new ReplicationLink({
          id: String(at + 1),
          sandbox: this.#options.sandbox,
          from: this.name,
          to: peer.name,
          configured,
          port: () => peer.ports.replication,
          log: this.broker.log,
          clock: this.clock,
          onChanged: () => {
            this.#waiters.release();
            this.#options.onChanged();
          },
        }),
    );
  }

  /** Binds every port; after the first time only the ones it has. Rejects, with nothing left open, where it cannot. */
  async start(): Promise<void> {
    if (this.running) return;
    const isFirst = this.pid === 0;
    const elsewhere = (port: number) => (isFirst ? nextPorts(port) : []);
    try {
      for (const transport of this.#transports) await transport.enable(elsewhere(transport.port));
      this.#adminPort = await this.#admin.listenOnFirst([this.#adminPort, ...elsewhere(this.#adminPort)]);
    } catch (error) {
      await this.#closeListeners();
      throw error;
    }
    // Another number after each start: a monitor tells a restart by it.
    this.pid = (isFirst ? 1_000 : this.pid) + 1 + Math.floor(this.random() * 5_000);
    this.startedAtMs = this.clock.now();
    for (const link of this.#links) link.start();
    this.#statistics = new Statistics(this);
    this.#options.onChanged();
  }

  /** Kills the instance: every connection is reset. Its ports stay reserved for it in name only. */
  async stop(): Promise<void> {
    if (!this.running) return;
    this.#statistics?.stop();
    this.#statistics = null;
    await Promise.all([...this.#links.map((link) => link.stop()), this.#closeListeners()]);
    this.#options.onChanged();
  }

  slow(delayMs: number): void {
    this.#delayMs = delayMs;
    this.#options.onChanged();
  }

  async #closeListeners(): Promise<void> {
    await Promise.all([...this.#transports.map((transport) => transport.disable()), this.#admin.close()]);
  }

  #sampled(): Statistics {
    if (this.#statistics === null) throw new Error(`${this.name} is not running`);
    return this.#statistics;
  }

  /** Every sync destination has the log up to here; a link made async no longer counts (amps-facts 6.1). */
  #durableIndex(): number {
    const sync = this.#links.filter((link) => link.type === "sync");
    return Math.min(this.broker.log.lastIndex, ...sync.map((link) => link.ackedIndex));
  }

  #wireContext(): WireContext {
    const host = {
      version: this.version,
      clock: this.clock,
      broker: this.broker,
      authenticate: this.#options.authenticate,
      admit: (session: Session) => this.#sessions.admit(session),
      leave: (session: Session) => {
        this.broker.unsubscribe(session, null);
        this.#waiters.forget(session);
        this.#sessions.leave(session);
      },
      whenDurable: (session: Session, logIndex: number, run: () => void) =>
        this.#waiters.wait(session, logIndex, run),
    };
    return {
      clock: this.clock,
      delayMs: () => this.#delayMs,
      accept: (wire) => new ClientSession(this.#sessions.nextId(), wire, host),
    };
  }
}
