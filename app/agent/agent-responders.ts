/** Answers HAProxy's agent-checks: `agent-send "prod-1\n"`, or `"prod-1 subscribers\n"` for a backend of plain subscribers. */
import { createServer, type Server, type Socket } from "node:net";
import type { PoolConfig } from "../contract/config.ts";
import { parseHostPort } from "../config/address.ts";
import type { ActivityNote } from "../engine/activity-log.ts";
import { errorCode } from "../failures.ts";
import { Handover } from "./handover.ts";

const longestQuestion = 128;
const patienceMs = 2_000;
const mostConnections = 64;

interface AgentRespondersOptions {
  /** The answer for a member; `subscribers`: plain subscribers are meant, whom the guard lets go anywhere. */
  readonly answer: (pool: string, member: string, subscribers: boolean) => string;
  readonly note: (note: ActivityNote) => void;
}

export class AgentResponders {
  readonly #running = new Map<string, Server>();
  readonly #options: AgentRespondersOptions;
  readonly #handover = new Handover();

  constructor(options: AgentRespondersOptions) {
    this.#options = options;
  }

  /** Listens where pools have an `agent`, and nowhere else; resolves when every new one listens or has failed. */
  async update(pools: readonly PoolConfig[]): Promise<void> {
    const wanted = new Map<string, { readonly id: string; readonly agent: string }>();
    for (const { id, agent } of pools) if (agent !== undefined) wanted.set(`${id} ${agent}`, { id, agent });
    const ending = [...this.#running].filter(([key]) => !wanted.has(key));
    for (const [key] of ending) this.#running.delete(key);
    await Promise.all(ending.map(([, server]) => new Promise((resolve) => server.close(resolve))));
    const fresh = [...wanted].filter(([key]) => !this.#running.has(key));
    await Promise.all(fresh.map(([key, { id, agent }]) => this.#open(key, id, agent)));
  }

  async #open(key: string, pool: string, agent: string): Promise<void> {
    const address = parseHostPort(agent);
    if (!address) return;
    const server = createServer((socket) => this.#serve(socket, pool));
    server.maxConnections = mostConnections;
    this.#running.set(key, server);
    await new Promise<void>((resolve) => {
      server.on("listening", resolve);
      server.on("error", (error) => {
        this.#running.delete(key);
        const message = `The agent of pool ${pool} cannot listen on ${agent} (${errorCode(error) ?? error.message}): HAProxy gets no answer there.`;
        this.#options.note({ event: "agent-failed", severity: "error", pool, message });
        resolve();
      });
      server.listen(address.port, address.host);
    });
  }

  #serve(socket: Socket, pool: string): void {
    let asked = "";
    const giveUp = setTimeout(() => socket.destroy(), patienceMs).unref();
    socket.on("error", () => undefined);
    socket.on("close", () => clearTimeout(giveUp));
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      asked += text;
      const end = asked.indexOf("\n");
      if (end < 0 && asked.length <= longestQuestion) return;
      if (end < 0) return void socket.destroy();
      const [member = "", who = ""] = asked.slice(0, end).trim().split(/\s+/);
      asked = "";
      const isForSubscribers = who === "subscribers";
      const answer = this.#options.answer(pool, member, isForSubscribers);
      const asker = socket.remoteAddress ?? "";
      socket.end(`${isForSubscribers ? answer : this.#handover.tell({ asker, pool, member, answer })}\n`);
    });
  }

  close(): void {
    for (const server of this.#running.values()) server.close();
    this.#running.clear();
  }
}
