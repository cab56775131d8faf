/** Conditions in an operator's words. */
import type { Conditions, Fault } from "../contract/conditions.ts";
import { assertNever } from "../failures.ts";

/** `latency 200 ms ± 50 ms, 64 KB/s`; empty where nothing is set. */
export function describeConditions(conditions: Conditions): string {
  const { latencyMs = 0, jitterMs = 0, bandwidthKBps, slicer, fault, direction = "both" } = conditions;
  const parts = [
    latencyMs + jitterMs > 0 && `latency ${latencyMs} ms${jitterMs > 0 ? ` ± ${jitterMs} ms` : ""}`,
    bandwidthKBps !== undefined && `${bandwidthKBps} KB/s`,
    slicer && `pieces of ${slicer.bytes} B${slicer.delayMs > 0 ? ` every ${slicer.delayMs} ms` : ""}`,
    fault && describeFault(fault),
  ].filter((part) => typeof part === "string");
  const way = direction === "both" || fault?.do === "down" ? "" : ` (${direction.replace("-", " ")} only)`;
  return parts.length === 0 ? "" : parts.join(", ") + way;
}

function describeFault(fault: Fault): string {
  switch (fault.do) {
    case "limit":
      return `closed after ${fault.bytes} B`;
    case "reset":
      return `reset after ${fault.afterMs} ms`;
    case "half-open":
      return `half-open after ${fault.afterMs} ms`;
    case "blackhole":
      return fault.closeAfterMs > 0 ? `blackhole, reset after ${fault.closeAfterMs} ms` : "blackhole";
    case "down":
      return "down";
    default:
      return assertNever(fault);
  }
}
