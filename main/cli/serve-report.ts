/** What `serve` prints: plain lines for people, or one JSON object a line. */
import type { ActivityEntry } from "../../app/contract/activity.ts";
import type { ForwardingMeans } from "../../app/contract/commands.ts";
import type { Snapshot } from "../../app/contract/snapshot.ts";
import { describeForwarding } from "./version.ts";

export interface Ready {
  readonly snapshot: Snapshot | null;
  /** `http://127.0.0.1:PORT`; null without an API. */
  readonly api: string | null;
  readonly token: string;
  /** Null where it could not be asked for. */
  readonly forwarding: ForwardingMeans | null;
}

export interface Reporter {
  ready(ready: Ready): void;
  activity(entries: readonly ActivityEntry[]): void;
  stopping(): void;
}

interface ListenerLine {
  readonly listen: string;
  readonly state: string;
  readonly routes: string[];
  readonly reason?: string;
}

/** The listeners of a snapshot, each with its routes; a failed one with its reason. */
export function listenerLines(snapshot: Snapshot | null): readonly ListenerLine[] {
  const lines = new Map<string, ListenerLine>();
  for (const { id, listen, state, reason } of snapshot?.routes ?? []) {
    if (state === "stopped" || state === "draining") continue;
    const bound = state === "failed" || state === "starting" ? state : "listening";
    const line = lines.get(listen) ?? {
      listen,
      state: bound,
      routes: [],
      ...(bound === "failed" && reason !== null && { reason }),
    };
    line.routes.push(id);
    lines.set(listen, line);
  }
  return [...lines.values()];
}

function printLine(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** `ready` comes first; what happened before it follows. */
export function createReporter(json: boolean): Reporter {
  let isReady = false;
  const early: ActivityEntry[] = [];
  const printActivity = (entry: ActivityEntry): void => {
    if (json) printLine(entry);
    else
      process.stdout.write(
        `${entry.time} ${entry.severity.padEnd(7)} ${entry.message}${entry.count === undefined ? "" : ` (${entry.count} times)`}\n`,
      );
  };
  return {
    ready({ snapshot, api, token, forwarding }) {
      isReady = true;
      const listeners = listenerLines(snapshot);
      if (json)
        printLine({
          event: "ready",
          listeners,
          ...(api !== null && { ui: `${api}/#token=${token}`, api, token }),
        });
      else {
        for (const { listen, state, routes, reason } of listeners)
          process.stdout.write(
            `${listen} ${state}: ${routes.join(", ")}${reason === undefined ? "" : ` (${reason})`}\n`,
          );
        if (forwarding) process.stdout.write(`${describeForwarding(forwarding)}\n`);
        if (api !== null) process.stdout.write(`\nUI: ${api}/#token=${token}\n\n`);
      }
      early.splice(0).forEach(printActivity);
    },
    activity(entries) {
      if (isReady) entries.forEach(printActivity);
      else early.push(...entries);
    },
    stopping() {
      if (!json) process.stdout.write("Stopping: no new connections; open ones have 5 s to end.\n");
    },
  };
}
