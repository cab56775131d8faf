/**
 * Walks the way to a backend, hop by hop, for each of its endpoints: name → tunnel or TCP → TLS → what it speaks. A hop
 * that fails ends that endpoint's way: what lies behind it is skipped, and said to be.
 */
import { isIP } from "node:net";
import type { BackendConfig, EndpointKind } from "../contract/config.ts";
import type { Examination, ExaminationStep, ExaminedHop } from "../contract/examination.ts";
import type { Failure } from "../contract/failures.ts";
import { parseEndpoint, type EndpointAddress } from "../config/address.ts";
import { errorCode, failure } from "../failures.ts";
import type { BackendSocket } from "../forward/backend-socket.ts";
import type { OpenTcp } from "../forward/open-tcp.ts";
import { names } from "../forward/name-lookup.ts";
import { secure } from "../forward/secure.ts";
import { probeAdmin } from "../health/probe-admin.ts";
import { askAmps } from "./ask-amps.ts";
import { askWebSocket } from "./ask-websocket.ts";
import { describeCertificate } from "./describe-certificate.ts";
import type { Finding } from "./finding.ts";

export interface ExamineOptions {
  readonly backend: BackendConfig;
  readonly openTcp: OpenTcp;
  /** Called with every step as soon as it is done. */
  readonly onStep?: (step: ExaminationStep) => void;
  readonly signal?: AbortSignal;
  /** For each hop; default 10,000. */
  readonly timeoutMs?: number;
}

const kinds: readonly EndpointKind[] = ["amps", "websocket", "admin", "replication"];

/** Never rejects. */
export async function examineBackend(options: ExamineOptions): Promise<Examination> {
  const steps: ExaminationStep[] = [];
  for (const kind of kinds) {
    const url = options.backend[kind];
    const address = url === undefined ? null : parseEndpoint(kind, url);
    if (!address || options.signal?.aborted) continue;
    await new Way(kind, address, options, steps).walk();
  }
  return { backend: options.backend.id, steps, healthy: steps.every(({ outcome }) => outcome !== "failed") };
}

class Way {
  readonly #kind: EndpointKind;
  readonly #address: EndpointAddress;
  readonly #options: ExamineOptions;
  readonly #steps: ExaminationStep[];
  readonly #limitMs: number;

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
    const connected = await this.#connect();
    if (!connected) return this.#skip(this.#address.tls ? "tls" : null);
    const socket = this.#address.tls ? await this.#tls(connected) : connected;
    if (socket) await this.#speak(socket);
    else this.#skip(null);
  }

  #tell(hop: ExaminedHop, startedMs: number | null, finding: Finding, reason: Failure | null = null): void {
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

  #skip(first: ExaminedHop | null): void {
    const spoken: ExaminedHop | null = this.#kind === "replication" ? null : this.#kind;
    for (const hop of new Set([first, spoken]))
      if (hop) this.#tell(hop, null, { outcome: "skipped", finding: "Not reached.", advice: null });
  }

  /** Behind a tunnel the far end looks the name up: here there is nothing to ask. */
  async #name(): Promise<boolean> {
    const { host } = this.#address;
    if (this.#options.backend.via !== undefined || isIP(host) !== 0) return true;
    const started = performance.now();
    try {
      const found = await names.find(host);
      const finding = `${host} is ${found.map(({ address }) => address).join(", ")}.`;
      this.#tell("name", started, { outcome: "ok", finding, advice: null });
      return true;
    } catch (error) {
      const unknown = errorCode(error) === "ENOTFOUND";
      const message = `The name ${host} ${unknown ? "is not known" : "could not be looked up"}.`;
      this.#fail("name", started, failure(unknown ? "NAME_NOT_FOUND" : "NAME_LOOKUP_FAILED", message));
      return false;
    }
  }

  async #connect(): Promise<BackendSocket | null> {
    const { backend, openTcp, signal } = this.#options;
    const { via } = backend;
    const started = performance.now();
    const reply = await openTcp(this.#address, via, { timeoutMs: this.#limitMs, ...(signal && { signal }) });
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
    const started = performance.now();
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
    const started = performance.now();
    switch (this.#kind) {
      case "replication":
        // A replication link begins with a handshake that changes the other side: nothing is said.
        socket.destroy();
        return;
      case "amps":
        return this.#tell("amps", started, await askAmps(socket, this.#limitMs));
      case "websocket":
        return this.#tell("websocket", started, await askWebSocket(socket, authority, this.#limitMs));
      case "admin":
        return this.#tell("admin", started, await this.#askAdmin(socket, authority));
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
