/** Sees the logon on a WebSocket: tag message, 4-byte count, then the header (amps-facts 2.2). */
import type { Observer } from "../forward/move-streams.ts";
import { readLogon, type LogonFacts } from "./header.ts";
import { readClientMessages, type MessageReader } from "./ws-messages.ts";

export interface WebSocketFacts {
  /** From the path's last segment: the logon on a WebSocket carries no message type. */
  readonly messageType: string | null;
  readonly isDeflate: () => boolean;
}

/** Calls back once if the client's first command is a logon; expects the bytes behind the two HTTP heads. */
export function observeWebSocketLogon(facts: WebSocketFacts, onLogon: (facts: LogonFacts) => void): Observer {
  // Let go at the end, with everything that it holds.
  let reader: MessageReader | null = readClientMessages(facts.isDeflate);
  let seen = 0;
  const look = (chunk: Buffer): boolean => {
    const messages = reader?.push(chunk);
    if (!messages) return false;
    for (const message of messages) {
      // 0: the tag. 1: how many messages the first command has. 2: its header.
      if (seen++ < 2) continue;
      const logon = readLogon(message.toString("utf8"));
      if (logon) onLogon({ ...logon, messageType: logon.messageType ?? facts.messageType });
      return false;
    }
    return true;
  };
  return {
    fromClient(chunk) {
      if (!look(chunk)) reader = null;
      return reader !== null;
    },
    fromBackend: () => reader !== null,
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
