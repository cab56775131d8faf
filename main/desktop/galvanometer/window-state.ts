/** What a Galvanometer window tells beside its page: title, state bar. Pure. */
import type { BackendConfig, TunnelConfig } from "../../../app/contract/config.ts";
import type { GalvanometerTls } from "../../../app/galvanometer/galvanometers.ts";
import type { MirroredSnapshot } from "../live-mirror.ts";

interface WindowFacts {
  readonly backend: BackendConfig;
  readonly address: string;
  readonly readOnly: boolean;
  readonly tls: GalvanometerTls | null;
  /** Instances with and without TLS are polled. */
  readonly mixed: boolean;
  readonly unlockedUntil: string | null;
  readonly tunnels: readonly TunnelConfig[];
  readonly snapshot: MirroredSnapshot | null;
  readonly engineAlive: boolean;
}

export interface WindowState {
  readonly down: boolean;
  /** `http://amps-prod-1:8085/ · prod · through bastion (ssh) · read-only`. */
  readonly bar: string;
  readonly tone: "quiet" | "prod" | "warning" | "bad";
}

export function windowState(facts: WindowFacts): WindowState {
  const { backend, address, snapshot, engineAlive } = facts;
  const endpoint = snapshot?.backends
    .find((one) => one.id === backend.id)
    ?.endpoints.find((one) => one.kind === "admin");
  const tunnel = snapshot?.tunnels.find((one) => one.id === backend.via);
  const tunnelDown = tunnel?.state === "down";
  const down = !engineAlive || tunnelDown || endpoint?.health === "down";
  const why = !engineAlive
    ? "Shunt's engine is starting again"
    : tunnelDown
      ? `tunnel ${backend.via} is down${tunnel.reason === null ? "" : `: ${tunnel.reason}`}`
      : `no answer${endpoint?.reason == null ? "" : `: ${endpoint.reason}`}`;
  const parts = [
    address,
    ...(backend.environment === undefined ? [] : [backend.environment]),
    carrierOf(facts),
    ...(down ? [why] : []),
    encryptionOf(facts),
    accessOf(facts),
  ];
  const tone = down
    ? "bad"
    : facts.unlockedUntil !== null
      ? "warning"
      : backend.environment === "prod"
        ? "prod"
        : "quiet";
  return { down, bar: parts.filter((part) => part !== "").join("  ·  "), tone };
}

function carrierOf({ backend, tunnels }: WindowFacts): string {
  if (backend.via === undefined) return "direct";
  const tunnel = tunnels.find((one) => one.id === backend.via);
  return `through ${backend.via}${tunnel ? ` (${tunnel.type})` : ""}`;
}

function encryptionOf({ tls, mixed }: WindowFacts): string {
  if (tls === "originate") return "encrypted by Shunt";
  return tls === "passthrough" && mixed
    ? "instances on http stay out of this page: Galvanometer menu, Encrypted by Shunt"
    : "";
}

function accessOf({ readOnly, unlockedUntil }: WindowFacts): string {
  if (!readOnly) return "";
  return unlockedUntil === null ? "read-only" : `ACTIONS UNLOCKED until ${unlockedUntil}`;
}

/** The page's own title is not to be trusted, so the backend's name comes first. */
export function windowTitle(backend: BackendConfig, pageTitle: string): string {
  const name = backend.label ?? backend.id;
  const environment = backend.environment === undefined ? "" : ` [${backend.environment}]`;
  const page = pageTitle.trim().slice(0, 120);
  return `${name}${environment} · ${page === "" ? "Galvanometer" : page} · through Shunt`;
}
