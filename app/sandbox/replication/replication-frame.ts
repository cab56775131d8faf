import type { Change, LogEntry } from "../data/log-entry.ts";
import { formatHeader, type AmpsMessage } from "../wire/amps-message.ts";
import { encodeFrame } from "../wire/tcp-frames.ts";

/**
 * What sandbox instances say to each other, framed as on the TCP transport. AMPS's own protocol is not documented.
 * Source: `replicate` once, then `acknowledge` (now or later) and `change`s. Target: `resume` once, then `ack`s.
 */
export type ReplicationFrame =
  | {
      readonly kind: "replicate";
      readonly sandbox: string;
      readonly from: string;
      readonly clientName: string;
    }
  | { readonly kind: "resume"; readonly index: number }
  | { readonly kind: "acknowledge"; readonly when: "now" | "later" }
  | { readonly kind: "change"; readonly index: number; readonly change: Change }
  | { readonly kind: "ack"; readonly index: number };

export function encodeReplicate(sandbox: string, from: string, clientName: string): Buffer {
  return encode({ c: "replicate", sandbox, from, client_name: clientName });
}

export function encodeResume(index: number): Buffer {
  return encode({ c: "resume", i: index });
}

export function encodeAcknowledge(when: "now" | "later"): Buffer {
  return encode({ c: "acknowledge", when });
}

export function encodeAck(index: number): Buffer {
  return encode({ c: "ack", i: index });
}

export function encodeChange(entry: LogEntry): Buffer {
  const fields = {
    c: "change",
    i: entry.index,
    kind: entry.kind,
    origin: entry.origin,
    ts: entry.timeMs,
    publisher: entry.publisher,
    s: entry.sequence?.toString(),
    mt: entry.messageType,
    t: entry.topic,
    k: entry.key ?? undefined,
    targets: JSON.stringify(entry.targets),
  };
  return encodeFrame(Buffer.from(formatHeader(fields), "utf8"), entry.body);
}

/** Reads a frame; null for anything that is not one of ours. */
export function readReplicationFrame({ header, body }: AmpsMessage): ReplicationFrame | null {
  const text = (name: string) => (typeof header[name] === "string" ? header[name] : "");
  const index = Number.isSafeInteger(header["i"]) ? (header["i"] as number) : -1;
  switch (header["c"]) {
    case "replicate":
      return {
        kind: "replicate",
        sandbox: text("sandbox"),
        from: text("from"),
        clientName: text("client_name"),
      };
    case "acknowledge":
      return { kind: "acknowledge", when: text("when") === "now" ? "now" : "later" };
    case "resume":
    case "ack":
      return index < 0 ? null : { kind: header["c"], index };
    case "change": {
      const change = index < 0 ? null : readChange(header, body);
      return change === null ? null : { kind: "change", index, change };
    }
    default:
      return null;
  }
}

function readChange(header: AmpsMessage["header"], body: Buffer): Change | null {
  const text = (name: string) => (typeof header[name] === "string" ? header[name] : null);
  const kind = text("kind");
  const sequence = text("s");
  if (kind !== "publish" && kind !== "delete" && kind !== "queue-ack") return null;
  if (sequence !== null && !/^\d+$/.test(sequence)) return null;
  return {
    kind,
    origin: text("origin") ?? "",
    timeMs: Number(header["ts"]),
    publisher: text("publisher") ?? "",
    sequence: sequence === null ? null : BigInt(sequence),
    messageType: text("mt") ?? "",
    topic: text("t") ?? "",
    key: text("k"),
    targets: readTargets(text("targets") ?? "[]"),
    body,
  };
}

function readTargets(text: string): string[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter((target) => typeof target === "string") : [];
  } catch {
    return [];
  }
}

function encode(fields: Parameters<typeof formatHeader>[0]): Buffer {
  return encodeFrame(Buffer.from(formatHeader(fields), "utf8"));
}
