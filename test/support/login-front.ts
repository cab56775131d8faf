/** AMPS's Basic login before a sandbox's admin endpoint: asks for a user, and notes who sent one with what. */
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { cleanUp } from "./running-engine.ts";

export interface LoginFront {
  readonly port: number;
  readonly seen: { readonly url: string; readonly authorized: boolean; readonly crossOrigin: boolean }[];
  /** What it takes; may be changed. */
  login: string;
  /** The admin port behind it. */
  target: number;
}

export async function startLoginFront(realm: string, login: string): Promise<LoginFront> {
  const server = createServer((request, response) => {
    const { url = "", headers } = request;
    const given = Buffer.from(
      /^Basic (.+)$/.exec(headers.authorization ?? "")?.[1] ?? "",
      "base64",
    ).toString();
    front.seen.push({
      url,
      authorized: headers.authorization !== undefined,
      crossOrigin: headers.origin !== undefined,
    });
    if (given !== front.login) {
      const challenge = { "WWW-Authenticate": `Basic realm="${realm}"`, "Access-Control-Allow-Origin": "*" };
      return void response
        .writeHead(401, { ...challenge, "Content-Type": "text/html" })
        .end("<p>no user</p>");
    }
    const onward = httpRequest(
      { port: front.target, host: "127.0.0.1", path: url, agent: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.destroy());
    onward.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => void (server.close(), server.closeAllConnections()));
  const front: LoginFront = { port: (server.address() as AddressInfo).port, seen: [], login, target: 0 };
  return front;
}
