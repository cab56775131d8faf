/**
 * Walks the way to a backend, hop by hop, for each of its endpoints: name → tunnel or TCP → TLS → what it speaks. A hop
 * that fails ends that endpoint's way: what lies behind it is skipped, and said to be.
 */
import { isIP } from "node:net";
import type { BackendConfig, EndpointKind } from "../contract/config.ts";
import type { Examination, ExaminationStep, ExaminedHop } from "../contract/examination.ts";
import type { Failure } from "../contract/failures.ts";
import { parseEndpoint, type EndpointAddress } from "../config/address.ts";
import { endpointKinds } from "../config/endpoint-kinds.ts";
import type { BackendSocket } from "../forward/backend-socket.ts";
import { describeTcpError, type OpenTcp } from "../forward/open-tcp.ts";
import { names } from "../forward/name-lookup.ts";
import { secure } from "../forward/secure.ts";
import { probeAdmin } from "../health/probe-admin.ts";
import { askAmps } from "./ask-amps.ts";
import { askWebSocket } from "./ask-websocket.ts";
import type { TunnelSet } from "../tunnels/tunnel-set.ts";
import { describeCertificate } from "./describe-certificate.ts";
import type { Finding } from "./finding.ts";

interface ExamineOptions {
  readonly backend: BackendConfig;
  readonly openTcp: OpenTcp;
  /** Waits until a tunnel stands, where it is more than one connection; absent: nothing is known of it before. */
  readonly ready?: TunnelSet["ready"];
  /** Called when a hop is begun. */
  readonly onWalking?: (endpoint: EndpointKind, hop: ExaminedHop) => void;
  /** Called with every step as soon as it is done. */
  readonly onStep?: (step: ExaminationStep) => void;
  /** Ends it: what is being asked is broken off, and nothing more is told. */
  readonly signal?: AbortSignal;
  /** For each hop; default 10,000. */
  readonly timeoutMs?: number;
}

/** Never rejects. */
export async function examineBackend(options: ExamineOptions): Promise<Examination> {
  const steps: ExaminationStep[] = [];
  for (const kind of endpointKinds) {
    const url = options.backend[kind];
    const address = url === undefined ? null : parseEndpoint(kind, url);
    if (!address || options.signal?.aborted) continue;
    await new Way(kind, address, options, steps).walk();
  }
  const stopped = options.signal?.aborted === true;
  const healthy = !stopped && steps.every(({ outcome }) => outcome !== "failed");
  return { backend: options.backend.id, steps, healthy, stopped };
}

class Way {
  readonly #kind: EndpointKind;
  readonly #address: EndpointAddress;
  readonly #options: ExamineOptions;
  readonly #steps: ExaminationStep[];
  readonly #limitMs: number;
  #tunnelTold = false;

  constructor(
    kind: EndpointKind,
    address: EndpointAddress,
    options: ExamineOptions,
    steps: ExaminationStep[],
  ) {
    this.#kind = kind;
    this.#address = address;
    this.#options = options;
    this.#steps = steps;
    this.#limitMs = options.timeoutMs ?? 10_000;
  }

  async walk(): Promise<void> {
    if (!(await this.#name())) return this.#skip("tcp");
    if (!(await this.#tunnel())) return this.#skip("tcp", this.#address.tls ? "tls" : null);
    const connected = await this.#connect();
    if (!connected) return this.#skip(this.#address.tls ? "tls" : null);
    const socket = this.#address.tls ? await this.#tls(connected) : connected;
    if (socket) await this.#speak(socket);
    else this.#skip(null);
  }

  #tell(hop: ExaminedHop, startedMs: number | null, finding: Finding, reason: Failure | null = null): void {
    if (this.#options.signal?.aborted) return;
    const step: ExaminationStep = {
      endpoint: this.#kind,
      hop,
      ...finding,
      tookMs: startedMs === null ? null : Math.round((performance.now() - startedMs) * 10) / 10,
      failure: reason,
    };
    this.#steps.push(step);
    this.#options.onStep?.(step);
  }

  #fail(hop: ExaminedHop, startedMs: number, reason: Failure): void {
    this.#tell(hop, startedMs, { outcome: "failed", finding: reason.message, advice: reason.advice }, reason);
  }

  #begin(hop: ExaminedHop): number {
    this.#options.onWalking?.(this.#kind, hop);
    return performance.now();
  }

  #skip(...hops: readonly (ExaminedHop | null)[]): void {
    const spoken: ExaminedHop | null = this.#kind === "replication" ? null : this.#kind;
    for (const hop of new Set([...hops, spoken]))
      if (hop) this.#tell(hop, null, { outcome: "skipped", finding: "Not reached.", advice: null });
  }

  /** Behind a tunnel the far end looks the name up: here there is nothing to ask. */
  async #name(): Promise<boolean> {
    const { host } = this.#address;
    if (this.#options.backend.via !== undefined || isIP(host) !== 0) return true;
    const started = this.#begin("name");
    try {
      const found = await names.find(host);
      const finding = `${host} is ${found.map(({ address }) => address).join(", ")}.`;
      this.#tell("name", started, { outcome: "ok", finding, advice: null });
      return true;
    } catch (error) {
      this.#fail("name", started, describeTcpError(error, this.#address));
      return false;
    }
  }

  /** A proxy is one with the connection through it, and is told of when that stands. */
  async #tunnel(): Promise<boolean> {
    const { backend, ready, signal } = this.#options;
    if (backend.via === undefined || !ready) return true;
    const started = this.#begin("tunnel");
    const reply = await ready(backend.via, { timeoutMs: this.#limitMs, ...(signal && { signal }) });
    if (!reply.ok) this.#fail("tunnel", started, reply.failure);
    else if (reply.value === "up") {
      this.#tell("tunnel", started, tunnelStands(backend.via));
      this.#tunnelTold = true;
    }
    return reply.ok;
  }

  async #connect(): Promise<BackendSocket | null> {
    const { backend, openTcp, signal } = this.#options;
    const via = this.#tunnelTold ? undefined : backend.via;
    const started = this.#begin(via === undefined ? "tcp" : "tunnel");
    const reply = await openTcp(this.#address, backend.via, {
      timeoutMs: this.#limitMs,
      ...(signal && { signal }),
    });
    if (!reply.ok) {
      const atTunnel = reply.failure.hop === "tunnel";
      if (via !== undefined && !atTunnel) this.#tell("tunnel", null, tunnelStands(via));
      this.#fail(atTunnel ? "tunnel" : "tcp", started, reply.failure);
      return null;
    }
    if (via !== undefined) this.#tell("tunnel", null, tunnelStands(via));
    this.#tell("tcp", started, {
      outcome: "ok",
      finding: `${this.#address.authority} takes connections.`,
      advice: null,
    });
    return reply.value;
  }

  async #tls(connected: BackendSocket): Promise<BackendSocket | null> {
    const { backend, signal } = this.#options;
    const tls = backend.tls ?? {};
    const started = this.#begin("tls");
    const reply = await secure(connected, this.#address, tls, {
      timeoutMs: this.#limitMs,
      ...(signal && { signal }),
    });
    if (!reply.ok) {
      this.#fail("tls", started, reply.failure);
      return null;
    }
    this.#tell("tls", started, describeCertificate(reply.value, tls));
    return reply.value;
  }

  async #speak(socket: BackendSocket): Promise<void> {
    const { authority } = this.#address;
    // A replication link begins with a handshake that changes the other side: nothing is said.
    if (this.#kind === "replication") return void socket.destroy();
    const started = this.#begin(this.#kind);
    const breakOff = () => void socket.destroy();
    this.#options.signal?.addEventListener("abort", breakOff);
    this.#tell(this.#kind, started, await this.#ask(this.#kind, socket, authority));
    this.#options.signal?.removeEventListener("abort", breakOff);
  }

  #ask(
    kind: Exclude<EndpointKind, "replication">,
    socket: BackendSocket,
    authority: string,
  ): Promise<Finding> {
    switch (kind) {
      case "amps":
        return askAmps(socket, this.#limitMs);
      case "websocket":
        return askWebSocket(socket, authority, this.#limitMs);
      case "admin":
        return this.#askAdmin(socket, authority);
    }
  }

  async #askAdmin(socket: BackendSocket, authority: string): Promise<Finding> {
    const { health, reason, instanceName } = await probeAdmin(socket, authority, this.#limitMs);
    if (instanceName !== null)
      return { outcome: "ok", finding: `The admin interface of instance ${instanceName}.`, advice: null };
    const finding = reason ?? "It answers in HTTP.";
    if (health === "up")
      return { outcome: "warning", finding, advice: "Nothing to do where users log on themselves." };
    return { outcome: "failed", finding, advice: "Check the port: this is not AMPS's admin interface." };
  }
}

function tunnelStands(via: string): Finding {
  return { outcome: "ok", finding: `Tunnel ${via} is up.`, advice: null };
}
