/**
 * Takes connections whose first request is plain (plain-head.ts). What is refused is not taken: Node's parser reads it again,
 * and its way says no to all of it alike.
 */
import type { Socket } from "node:net";
import type { Failure } from "../contract/failures.ts";
import { Chain } from "../forward/chain.ts";
import type { AdminLegs } from "./admin-leg.ts";
import type { Take } from "./first-look.ts";
import { isBarePrefix } from "./judge-request.ts";
import type { MatchedRequest, RequestFacts } from "./matched-request.ts";
import { PlainClient } from "./plain-client.ts";
import { readPlainHead, type PlainHead } from "./plain-head.ts";
import { forwardUpgrade } from "./upgrade-forward.ts";

interface PlainEntryOptions {
  readonly judge: (request: RequestFacts) => MatchedRequest | Failure;
  readonly legs: AdminLegs;
  /** Goes on with a client that was taken, from these bytes. */
  readonly leave: (client: Socket, bytes: Buffer) => void;
}

interface PlainEntry {
  readonly take: Take;
  /** Ends clients that wait for no answer, and others behind theirs. */
  closeIdle(): void;
}

export function createPlainEntry({ judge, legs, leave }: PlainEntryOptions): PlainEntry {
  const clients = new Chain<PlainClient>();
  const match = (request: RequestFacts): MatchedRequest | null => {
    const matched = judge(request);
    return "code" in matched || isBarePrefix(matched) ? null : matched;
  };
  const takeClient = (socket: Socket, bytes: Buffer, head: PlainHead): boolean => {
    const forget = (): void => void clients.remove(link);
    const client = new PlainClient({
      client: socket,
      legs,
      match,
      leave(_client, rest) {
        forget();
        leave(socket, rest);
      },
    });
    const link = clients.add(client);
    socket.on("close", forget);
    const isTaken = client.take(bytes, head);
    if (!isTaken) forget();
    return isTaken;
  };
  return {
    take(socket, bytes) {
      const head = readPlainHead(bytes);
      if (!head?.isUpgrade) return head !== null && takeClient(socket, bytes, head);
      const matched = judge(head.request);
      if ("code" in matched) return false;
      socket.pause();
      void forwardUpgrade(matched, socket, bytes.subarray(head.end));
      return true;
    },
    closeIdle() {
      for (const client of clients) client.close();
    },
  };
}
