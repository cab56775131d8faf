/** WebSocket clients of a path route, one after the other, and a backend that answers as a test says. */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { expect, vi } from "vitest";
import { connectTcp, type TcpClient } from "../support/tcp-client.ts";
import { acceptOf } from "../support/websocket-accept.ts";
import { setUpPaths, upgrade, type SetUp } from "./path-set-up.ts";

export const answerTo = (key: string, more: readonly string[] = []) =>
  [
    ...["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"],
    ...[`Sec-WebSocket-Accept: ${acceptOf(key)}`, ...more, "", ""],
  ].join("\r\n");

export const keyOf = (head: Buffer) => /Sec-WebSocket-Key: (\S+)/.exec(head.toString("latin1"))?.[1] ?? "";

/** How the backend answers its client number `index`, from 0. */
export type Answering = (socket: Socket, key: string, index: number) => void;
export const good: Answering = (socket, key) => void socket.write(answerTo(key));

/**
 * `judged`: how many answers JavaScript has passed on itself, `asked`: for how many clients it has had a backend asked;
 * null where it has all of them.
 */
export async function setUpUpgrades(answer: Answering, how: SetUp = {}) {
  const native = how.options?.native;
  const spied = native && "addon" in native ? native.addon : null;
  const spy = spied && vi.spyOn(spied, "answer");
  const asking = spied && vi.spyOn(spied, "ask");
  let index = 0;
  const paths = await setUpPaths({
    websocket: {
      onConnection: (socket) => {
        const at = index++;
        socket.once("data", (head) => answer(socket, keyOf(head), at));
      },
    },
    ...how,
  });
  index = 0;
  const join = async (
    lines: readonly string[] = [],
    localAddress?: string,
  ): Promise<{ client: TcpClient; key: string }> => {
    const client = await connectTcp(paths.port, "127.0.0.1", localAddress);
    const key = randomBytes(16).toString("base64");
    const asked = upgrade("websocket", [`Sec-WebSocket-Key: ${key}`, "Sec-WebSocket-Version: 13", ...lines]);
    client.socket.write(asked.replace("{port}", String(paths.port)));
    return { client, key };
  };
  const isSwitched = async (
    { client, key }: { client: TcpClient; key: string },
    more: readonly string[] = [],
  ) => {
    const expected = answerTo(key, more);
    expect((await client.received(expected.length)).toString("latin1", 0, expected.length)).toBe(expected);
    return client;
  };
  return {
    ...{ ...paths, join, isSwitched },
    judged: () => spy && spy.mock.calls.length,
    asked: () => asking && asking.mock.calls.length,
  };
}
