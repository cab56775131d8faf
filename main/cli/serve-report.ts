/** What `serve` prints: plain lines for people, or one JSON object a line. */
import type { ActivityEntry } from "../../app/contract/activity.ts";
import type { ForwardingMeans } from "../../app/contract/commands.ts";
import type { Snapshot } from "../../app/contract/snapshot.ts";
import { describeForwarding } from "./version.ts";

interface Ready {
  readonly snapshot: Snapshot | null;
  /** `http://127.0.0.1:PORT`; null without an API. */
  readonly api: string | null;
  readonly token: string;
  /** Null where it could not be asked for. */
  readonly forwarding: ForwardingMeans | null;
  /** True where what is configured goes with the process. */
  readonly isInMemory: boolean;
}

export interface Reporter {
  ready(ready: Ready): void;
  activity(entries: readonly ActivityEntry[]): void;
  stopping(): void;
  /** Writes what is still to be written. */
  close(): void;
}

interface ListenerLine {
  readonly listen: string;
  readonly state: string;
  readonly routes: string[];
  readonly reason?: string;
}

/** The listeners of a snapshot, each with its routes; a failed one with its reason. */
function listenerLines(snapshot: Snapshot | null): readonly ListenerLine[] {
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

/** What activity is written with: lines of one turn of the event loop in one write, since a burst brings hundreds. */
interface Lines {
  add(line: string): void;
  /** Writes what has been added; the process may end afterwards. */
  flush(): void;
}

function collectLines(write: (text: string) => void): Lines {
  let waiting: string[] = [];
  const flush = (): void => {
    if (waiting.length === 0) return;
    write(`${waiting.join("\n")}\n`);
    waiting = [];
  };
  return {
    add(line) {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push(line);
    },
    flush,
  };
}

const toStandardOutput = (text: string): void => void process.stdout.write(text);

/** `ready` comes first; what happened before it follows. */
export function createReporter(json: boolean, write = toStandardOutput): Reporter {
  let isReady = false;
  const early: ActivityEntry[] = [];
  const lines = collectLines(write);
  const report = (entry: ActivityEntry): void => lines.add(json ? JSON.stringify(entry) : plainLine(entry));
  return {
    ready(ready) {
      isReady = true;
      (json ? [readyJson(ready)] : readyText(ready)).forEach(lines.add);
      early.splice(0).forEach(report);
      lines.flush();
    },
    activity(entries) {
      if (isReady) entries.forEach(report);
      else early.push(...entries);
    },
    stopping() {
      if (!json) lines.add("Stopping: no new connections; open ones have 5 s to end.");
    },
    close: lines.flush,
  };
}

function plainLine({ time, severity, message, count }: ActivityEntry): string {
  return `${time} ${severity.padEnd(7)} ${message}${count === undefined ? "" : ` (${count} times)`}`;
}

function readyJson({ snapshot, api, token }: Ready): string {
  return JSON.stringify({
    event: "ready",
    listeners: listenerLines(snapshot),
    ...(api !== null && { ui: uiAddress(api, token), api, token }),
  });
}

/** A token from the environment may have any signs, as `openssl rand -base64 32` makes them. */
function uiAddress(api: string, token: string): string {
  return `${api}/#token=${encodeURIComponent(token)}`;
}

function readyText({ snapshot, api, token, forwarding, isInMemory }: Ready): readonly string[] {
  const listeners = listenerLines(snapshot).map(
    ({ listen, state, routes, reason }) =>
      `${listen} ${state}: ${routes.join(", ")}${reason === undefined ? "" : ` (${reason})`}`,
  );
  return [
    ...listeners,
    ...(forwarding ? [describeForwarding(forwarding)] : []),
    ...(api !== null && isInMemory
      ? ["Configuration: in memory, gone when Shunt ends; with --config FILE it is saved"]
      : []),
    ...(api === null ? [] : ["", `UI: ${uiAddress(api, token)}`, ""]),
  ];
}
