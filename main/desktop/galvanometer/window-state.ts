/** What a Galvanometer window tells beside its page: title, state bar. Pure. */
import type { BackendConfig, TunnelConfig } from "../../../app/contract/config.ts";
import type { GalvanometerTls } from "../../../app/galvanometer/galvanometers.ts";
import type { Snapshot } from "../../../app/contract/snapshot.ts";

export interface WindowFacts {
  readonly backend: BackendConfig;
  readonly address: string;
  readonly readOnly: boolean;
  readonly tls: GalvanometerTls | null;
  /** Instances with and without TLS are polled. */
  readonly mixed: boolean;
  readonly unlockedUntil: string | null;
  readonly tunnels: readonly TunnelConfig[];
  readonly snapshot: Snapshot | null;
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

const tones: Readonly<Record<WindowState["tone"], string>> = {
  quiet: "background:#e8ebf0;color:#1c2330",
  prod: "background:#7a1f2b;color:#fff",
  warning: "background:#ffd24d;color:#241a00",
  bad: "background:#b3261e;color:#fff",
};

/** A bar at the foot of the page, drawn by style alone: no script of ours runs in the page. */
export function barStyle({ bar, tone, down }: WindowState): string {
  const mark = down ? "▲ " : tone === "warning" ? "◆ " : "";
  return `html::after{content:${cssString(mark + bar)};position:fixed;inset:auto 0 0 0;z-index:2147483647;
height:24px;box-sizing:border-box;padding:0 10px;font:12px/24px system-ui,sans-serif;white-space:nowrap;overflow:hidden;
text-overflow:ellipsis;pointer-events:none;${tones[tone]}}
html{padding-bottom:24px!important;box-sizing:border-box}`;
}

/** A CSS string: everything but plain characters is escaped, so that no reason can leave it. */
function cssString(text: string): string {
  const escaped = [...text].map((char) =>
    /[A-Za-z0-9 .,:;/()_-]/.test(char) ? char : `\\${(char.codePointAt(0) ?? 0x20).toString(16)} `,
  );
  return `"${escaped.join("")}"`;
}
