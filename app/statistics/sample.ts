/** One reading of an instance's admin statistics: what it said about itself, its load and its replication links. */
import type { BackendLoad } from "../contract/snapshot.ts";
import type { InstanceRun } from "../guard/link-knowledge.ts";
import type { AdminDocument, AdminReader } from "./admin-reader.ts";
import {
  leaf,
  readClientCount,
  readCpu,
  readMemory,
  readReplication,
  type ReplicationRow,
} from "./documents.ts";
import { readNumber, readSpan, readText } from "./lenient.ts";

export interface StatisticsSample {
  /** When the reading began, by Shunt's clock: nothing in it is newer than its end, and it may be an interval older. */
  readonly atMs: number;
  /** The instance's own sampling interval; null where it does not say, or says what cannot be. */
  readonly intervalMs: number | null;
  readonly name: string | null;
  /** Null where the instance does not say, or restarted while it was read. */
  readonly run: InstanceRun | null;
  /** The sample's own time stamp, as text: the same stamp twice is the same sample twice. */
  readonly stamp: string | null;
  readonly load: Omit<BackendLoad, "at">;
  /** The outgoing links; null where they could not be read. */
  readonly links: readonly ReplicationRow[] | null;
  /** Why the links could not be read. */
  readonly linksReason: string | null;
}

interface SampleOptions {
  readonly reader: AdminReader;
  readonly now: () => number;
  /** The list of clients can be long: it may be left out. */
  readonly withClients: boolean;
}

const longestIntervalMs = 3_600_000;

/** A sample, or why there is none: nobody answered, or what answered wants a login or is not AMPS. */
export async function takeSample(
  options: SampleOptions,
): Promise<StatisticsSample | { readonly reason: string }> {
  const { reader, now, withClients } = options;
  const atMs = now();
  const first = await reader.read("/amps/instance/pid.json");
  if (!first.ok && first.why !== "unread") return { reason: first.reason };
  const before = readNumber(documentOf(first, (document) => leaf(document, "pid")));
  const read = async <T>(path: string, of: (document: unknown) => T): Promise<T | null> =>
    documentOf(await reader.read(path), of);
  const name = await read("/amps/instance/name.json", (document) => readText(leaf(document, "name")));
  const replication = await reader.read("/amps/instance/replication.json");
  const stamp = await read("/amps/instance/timestamp.json", (document) =>
    readText(leaf(document, "timestamp")),
  );
  const uptimeMs = await read("/amps/instance/uptime.json", (document) => readSpan(leaf(document, "uptime")));
  const after = await read("/amps/instance/pid.json", (document) => readNumber(leaf(document, "pid")));
  const interval = await read("/amps/instance/statistics/interval.json", (document) =>
    readNumber(leaf(document, "statistics", "interval")),
  );
  const links = documentOf(replication, (document) => readReplication(document, name));
  const load = {
    cpu: await read("/amps/host/cpus.json", readCpu),
    memory: await read("/amps/host/memory.json", readMemory),
    clients: withClients ? await read("/amps/instance/clients.json", readClientCount) : null,
  };
  if (links === null && name === null && load.cpu === null && load.memory === null)
    return { reason: replication.ok ? "What answers is not AMPS's admin interface." : replication.reason };
  return {
    atMs,
    intervalMs: interval !== null && interval > 0 && interval <= longestIntervalMs ? interval : null,
    name,
    run: before === after && uptimeMs !== null ? { pid: before, uptimeMs } : null,
    stamp,
    load,
    links,
    linksReason:
      links === null
        ? replication.ok
          ? "The replication statistics cannot be understood."
          : replication.reason
        : null,
  };
}

function documentOf<T>(answer: AdminDocument, of: (document: unknown) => T): T | null {
  return answer.ok ? of(answer.document) : null;
}
