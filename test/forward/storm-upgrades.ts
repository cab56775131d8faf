/** What door-storm.ts asks of a path route, and how its backend answers: by the last letters of the path. */
import type { Socket } from "node:net";
import { acceptOf } from "../support/websocket-accept.ts";

const answers = ["", "", "", "", "", "", "other", "slow", "no", "end", "reset"] as const;
type Answer = (typeof answers)[number];

const switching = (key: string, more = "") =>
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n${more}\r\n`;
const refusal = "HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nno up";

/** True where it was an upgrade request, which is answered. */
export function answerUpgrade(socket: Socket, first: Buffer): boolean {
  const asked = /^GET \/up(\w*) HTTP\/1\.1\r\nHost: [^]*Sec-WebSocket-Key: (\S+)[^]*\r\n\r\n/.exec(
    first.toString("latin1"),
  );
  if (!asked) return false;
  const behind = first.subarray(asked[0].length);
  const how = asked[1] as Answer;
  const answer = switching(asked[2] ?? "", how === "other" ? `X-Own: ${asked[2]}\r\n` : "");
  if (how === "reset") socket.resetAndDestroy();
  else if (how === "end") socket.end();
  else if (how === "no") socket.end(refusal);
  else if (how === "slow") {
    socket.write(answer.slice(0, 20));
    setTimeout(() => socket.write(Buffer.concat([Buffer.from(answer.slice(20)), behind])), 2);
  } else socket.write(Buffer.concat([Buffer.from(answer), behind]));
  return true;
}

export interface UpgradePlan {
  /** The request's head, and behind it what else goes out with it. */
  readonly pieces: readonly Buffer[];
  /** What comes back in the end, where nothing breaks. */
  readonly isRight: (got: Buffer) => boolean;
  /** Shunt answers for a backend that does not. */
  readonly isRefused: boolean;
}

/** `said` is echoed by a backend that has switched. */
export function planUpgrade(said: Buffer, port: number, random: (most: number) => number): UpgradePlan {
  const isPreflight = random(3) === 0;
  // A preflight is answered by Shunt: its backend sees nothing of it.
  const how = isPreflight ? "" : (answers[random(answers.length)] ?? "");
  const key = Buffer.from(Array.from({ length: 16 }, () => random(256))).toString("base64");
  const lines = isPreflight ? "Upgrade: tcp" : `Upgrade: websocket\r\nSec-WebSocket-Key: ${key}`;
  const head = Buffer.from(
    `GET /p/up${how} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\n${lines}\r\n\r\n`,
  );
  const cutAt = random(5) === 0 ? 1 + random(head.length - 1) : head.length;
  const isRefused = how === "no" || how === "end" || how === "reset";
  const body = isRefused ? [] : [said];
  const pieces =
    random(4) === 0
      ? [Buffer.concat([head, ...body])]
      : [head.subarray(0, cutAt), head.subarray(cutAt), ...body];
  return {
    pieces: pieces.filter((piece) => piece.length > 0),
    isRefused,
    isRight(got) {
      if (how === "no") return got.includes(" 403 ") && got.includes("no up");
      if (isRefused) return got.includes(" 502 ") && got.includes("BACKEND_RESET");
      const end = got.indexOf("\r\n\r\n") + 4;
      const answer = got.toString("latin1", 0, end);
      const isOwn = isPreflight || answer.includes(`Accept: ${acceptOf(key)}\r\n`);
      return answer.startsWith("HTTP/1.1 101") && isOwn && got.subarray(end).equals(said);
    },
  };
}
