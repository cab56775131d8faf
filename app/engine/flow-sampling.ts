/** Samples the counters: rates once a second, the hour at its own steps. */
import type { ConnectionRegistry } from "../forward/connection-registry.ts";
import { HourHistory, hourStepSeconds } from "./hour-history.ts";
import { Rates } from "./rates.ts";

interface FlowSampling {
  readonly routeRates: Rates;
  readonly backendRates: Rates;
  readonly hours: HourHistory;
  stop(): void;
}

export function startFlowSampling(registry: ConnectionRegistry): FlowSampling {
  const routeRates = new Rates();
  const backendRates = new Rates();
  const hours = new HourHistory();
  let sampledAt = performance.now();
  let hourSampledAt = sampledAt;
  const sampling = setInterval(() => {
    const now = performance.now();
    registry.look();
    const totals = registry.totals();
    routeRates.sample(totals.routes, now - sampledAt);
    backendRates.sample(totals.backends, now - sampledAt);
    sampledAt = now;
    if (now - hourSampledAt < hourStepSeconds * 1_000) return;
    hours.sample(totals.routes, now - hourSampledAt);
    hourSampledAt = now;
  }, 1_000).unref();
  return { routeRates, backendRates, hours, stop: () => clearInterval(sampling) };
}
