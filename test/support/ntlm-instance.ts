/** A small admin endpoint that signs in as NTLM does: a challenge and its answer, good for one TCP connection only. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { cleanUp } from "./running-engine.ts";

interface NtlmInstance {
  readonly port: number;
  /** One line a request: what it did to its connection, in order. */
  readonly legs: string[];
}

/** Takes a user by name; a password cannot be checked without MD4, so every one will do. */
export async function startNtlmInstance(user: string): Promise<NtlmInstance> {
  const challenged = new WeakSet<Socket>();
  const signedIn = new WeakSet<Socket>();
  const legs: string[] = [];
  const ask = (response: ServerResponse, challenge: string): void =>
    void response.writeHead(401, { "WWW-Authenticate": `NTLM${challenge}`, "Content-Length": 0 }).end();
  const answer = ({ headers, socket }: IncomingMessage, response: ServerResponse): void => {
    const message = Buffer.from(/^NTLM (.+)$/.exec(headers.authorization ?? "")?.[1] ?? "", "base64");
    const type = message.length > 12 ? message.readUInt32LE(8) : 0;
    if (type === 1) {
      challenged.add(socket);
      legs.push("negotiate");
      return ask(response, ` ${challengeMessage().toString("base64")}`);
    }
    if (type === 3 && challenged.has(socket) && userOf(message) === user) signedIn.add(socket);
    legs.push(type === 3 ? "authenticate" : "plain");
    if (!signedIn.has(socket)) return ask(response, "");
    response.setHeader("Content-Type", "text/html");
    response.end(`<!doctype html><title>NTLM</title><p>signed in as ${user}</p>`);
  };
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => void (server.close(), server.closeAllConnections()));
  return { port: (server.address() as AddressInfo).port, legs };
}

/** MS-NLMP 2.2.1.1: only what names it. */
export function negotiateMessage(): Buffer {
  const message = Buffer.alloc(32);
  message.write("NTLMSSP\0", "latin1");
  message.writeUInt32LE(1, 8);
  return message;
}

/** MS-NLMP 2.2.1.3, with a user and no proof. */
export function authenticateMessage(user: string): Buffer {
  const name = Buffer.from(user, "utf16le");
  const head = Buffer.alloc(64);
  head.write("NTLMSSP\0", "latin1");
  head.writeUInt32LE(3, 8);
  head.writeUInt16LE(name.length, 36);
  head.writeUInt16LE(name.length, 38);
  head.writeUInt32LE(head.length, 40);
  head.writeUInt32LE(unicode, 60);
  return Buffer.concat([head, name]);
}

const unicode = 0x1;
/** Unicode, request target, NTLM, extended session security, target information. */
const offered = 0x1 | 0x4 | 0x200 | 0x80000 | 0x800000;

/** MS-NLMP 2.2.1.2: a fixed challenge and a domain. */
function challengeMessage(): Buffer {
  const domain = Buffer.from("DESK", "utf16le");
  const pair = Buffer.alloc(4);
  pair.writeUInt16LE(2, 0);
  pair.writeUInt16LE(domain.length, 2);
  const information = Buffer.concat([pair, domain, Buffer.alloc(4)]);
  const head = Buffer.alloc(56);
  head.write("NTLMSSP\0", "latin1");
  head.writeUInt32LE(2, 8);
  for (const [at, length, offset] of [
    [12, domain.length, head.length],
    [40, information.length, head.length + domain.length],
  ] as const) {
    head.writeUInt16LE(length, at);
    head.writeUInt16LE(length, at + 2);
    head.writeUInt32LE(offset, at + 4);
  }
  head.writeInt32LE(offered, 20);
  Buffer.from("0123456789abcdef", "hex").copy(head, 24);
  return Buffer.concat([head, domain, information]);
}

function userOf(message: Buffer): string {
  const [length, offset] = [message.readUInt16LE(36), message.readUInt32LE(40)];
  const bytes = message.subarray(offset, offset + length);
  return (message.readUInt32LE(60) & unicode) === 0 ? bytes.toString("latin1") : bytes.toString("utf16le");
}
