/** Sees the logon on a WebSocket: tag message, 4-byte count, then the header (amps-facts 2.2). */
import type { Observer, Sight } from "../forward/move-streams.ts";
import { readLogon, type LogonFacts } from "./header.ts";
import type { RoleWatch } from "./role-watch.ts";
import { readClientMessages, type MessageReader } from "./ws-messages.ts";

interface WebSocketFacts {
  /** From the path's last segment: the logon on a WebSocket carries no message type. */
  readonly messageType: string | null;
  readonly isDeflate: () => boolean;
}

/** Calls back once if the client's first command is a logon; expects the bytes behind the two HTTP heads. */
export function observeWebSocketLogon(
  facts: WebSocketFacts,
  onLogon: (facts: LogonFacts) => void,
  role?: RoleWatch | null,
): Observer {
  // Let go at the end, with everything that it holds.
  let reader: MessageReader | null = readClientMessages(facts.isDeflate);
  const take = readCommands((header, isFirst) => {
    const logon = isFirst ? readLogon(header) : null;
    if (!logon) return role?.command(header) ?? false;
    onLogon({ ...logon, messageType: logon.messageType ?? facts.messageType });
    return Boolean(role);
  });
  const look = (chunk: Buffer): Sight => {
    for (const message of reader?.push(chunk) ?? []) {
      const sight = take(message);
      if (sight === false) return role?.lost() ?? false;
      if (sight !== true) return sight;
    }
    return reader?.isLost === true ? (role?.lost() ?? false) : true;
  };
  return {
    fromClient(chunk) {
      if (!reader) return false;
      const sight = look(chunk);
      if (sight !== true) reader = null;
      return sight;
    },
    fromBackend: () => reader !== null,
  };
}

/** Follows the client's messages: the tag, then for each command a count, its header and its bodies. */
function readCommands(onHeader: (header: string, isFirst: boolean) => Sight): (message: Buffer) => Sight {
  let awaits: "tag" | "count" | "header" | "bodies" = "tag";
  let left = 0;
  let commands = 0;
  return (message) => {
    if (awaits === "tag") {
      awaits = "count";
      return true;
    }
    if (awaits === "count") {
      left = message.length === 4 ? message.readUInt32LE(0) : 0;
      awaits = "header";
      return left > 0;
    }
    const isHeader = awaits === "header";
    awaits = --left > 0 ? "bodies" : "count";
    return isHeader ? onHeader(message.toString("utf8"), commands++ === 0) : true;
  };
}

/** Puts an observer behind the backend's HTTP head: what comes before the empty line is handed to `onHead`. */
export function afterBackendHead(observer: Observer, onHead: (head: string) => void): Observer {
  let held: Buffer | null = Buffer.alloc(0);
  return {
    fromClient: (chunk) => observer.fromClient(chunk),
    fromBackend(chunk) {
      if (!held) return observer.fromBackend(chunk);
      held = Buffer.concat([held, chunk]);
      const end = held.indexOf("\r\n\r\n");
      if (end < 0) return held.length < 64 * 1024;
      onHead(held.toString("latin1", 0, end));
      held = null;
      return true;
    },
  };
}

/** The message type that an AMPS URI path names: `/any/amps/json` → `json`; null if it does not. */
export function messageTypeOfPath(target: string): string | null {
  return /\/amps\/([A-Za-z0-9_.-]+)(?:\?.*)?$/i.exec(target)?.[1] ?? null;
}
