/** What an engine is made with. */
import type { LoadedAddon } from "../forward/native-addon.ts";
import type { OpenTcp } from "../forward/open-tcp.ts";
import type { GuardStore } from "../guard/guard-store.ts";
import type { StatisticsWatchOptions } from "../statistics/statistics-watch.ts";
import type { TunnelOptions } from "../tunnels/tunnel-set.ts";

export interface EngineOptions {
  /** The addon that moves plain TCP on a thread of its own; default: none. */
  readonly native?: LoadedAddon;
  readonly tunnels?: TunnelOptions;
  /** Somebody hears `questions` events and answers: then secrets and unknown host keys are asked for. */
  readonly asksOperator?: boolean;
  /** Default: from this machine, or through the tunnels. */
  readonly openTcp?: OpenTcp;
  /** Between health probes, in milliseconds; see `HealthOptions`. */
  readonly probeIntervalMs?: number;
  readonly probeDownIntervalMs?: number;
  readonly fall?: number;
  readonly rise?: number;
  /** Where active members and links are remembered; default: for this run only. */
  readonly guardStore?: GuardStore;
  /** How admin statistics are read; see `StatisticsWatchOptions`. */
  readonly statistics?: Pick<StatisticsWatchOptions, "delayMs" | "shortestIntervalMs" | "timeoutMs">;
}
