/** Checks of requests: which backend gets them, what it sees, and what is refused before it. */
import { exchange, get, type RawAnswer } from "../../support/raw-http.ts";
import type { Backends } from "./backends.ts";
import type { Check } from "./check.ts";
import type { Way } from "./ways.ts";

interface Seen {
  readonly name: string;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly length: number;
}

function seenBy({ status, body }: RawAnswer): Seen | null {
  if (status !== 200) return null;
  const json = /\{.*\}/s.exec(body)?.[0];
  return json === undefined ? null : (JSON.parse(json) as Seen);
}

function headerOf({ headers }: RawAnswer, name: string): string | null {
  const line = headers.find((one) => one.toLowerCase().startsWith(`${name}:`));
  return line === undefined ? null : line.slice(name.length + 1).trim();
}

/** A status alone, or `name: target` of the request that the backend got. */
function told(answer: RawAnswer): string {
  const seen = seenBy(answer);
  return seen ? `${seen.name}: ${seen.method} ${seen.target}` : String(answer.status);
}

/** `127.0.0.1:PORT` for the way's own listener. */
function withoutPorts(text: string, { ports }: Way): string {
  return text.replaceAll(`:${ports.paths}`, ":PORT").replaceAll(`:${ports.admin}`, ":PORT");
}

type Listener = "paths" | "admin" | "websocket";

function asks(
  what: string,
  target: string,
  headers: readonly string[] = [],
  listener: Listener = "paths",
): Check {
  return { what, run: async ({ ports }) => told(await exchange(ports[listener], get(target, headers))) };
}

function request(lines: readonly string[], body = ""): string {
  return [...lines, "", body].join("\r\n");
}

const webSocketKey = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

function upgrade(target: string, token: string, more: readonly string[] = []): string {
  return request([
    `GET ${target} HTTP/1.1`,
    "Host: 127.0.0.1:{port}",
    "Connection: Upgrade",
    `Upgrade: ${token}`,
    webSocketKey,
    "Sec-WebSocket-Version: 13",
    ...more,
    "",
  ]);
}

function location(what: string, target: string, listener: Listener = "paths"): Check {
  return {
    what,
    run: async (way) => {
      const answer = await exchange(way.ports[listener], get(target));
      return withoutPorts(`${answer.status} ${headerOf(answer, "location") ?? "none"}`, way);
    },
  };
}

function routing(): readonly Check[] {
  return [
    asks("Prefix is stripped", "/web/x/y?a=1&b=%2F"),
    asks("Prefix is kept where the route says so", "/kept/x"),
    asks("Longest prefix wins", "/web/deep/x"),
    asks("A prefix ends at a slash", "/webx"),
    asks("A prefix is compared byte for byte", "/%77eb/x"),
    asks("Path with signs that engines read", "/a$b;c'd/x"),
    asks("Escapes, empty segments and signs arrive as they were sent", "/web/a%20b//c;d=%C3%A9/~x?q=%20%2F"),
    {
      what: "Route by Host name",
      run: async ({ ports }) =>
        told(
          await exchange(
            ports.paths,
            request(["GET /x HTTP/1.1", `Host: web.localhost:${ports.paths}`, "Connection: close", ""]),
          ),
        ),
    },
    asks("Unknown path", "/nowhere"),
    location("Bare prefix", "/web?x=1"),
    asks("Backend that is not there: admin request", "/gone/x"),
    asks("Admin port", "/x?y=1", [], "admin"),
    {
      what: "Body of 1 MiB",
      async run({ ports }) {
        const body = "x".repeat(1024 * 1024);
        const answer = await exchange(
          ports.paths,
          request(
            [
              "POST /web/post HTTP/1.1",
              "Host: 127.0.0.1:{port}",
              "Connection: close",
              `Content-Length: ${body.length}`,
            ],
            `\r\n${body}`.slice(2),
          ),
        );
        return `${seenBy(answer)?.length ?? answer.status} bytes`;
      },
    },
  ];
}

function rewriting(): readonly Check[] {
  return [
    location("Redirect to the backend's own address", "/web/to-own"),
    location("Redirect to a path", "/web/to-path"),
    location("Redirect to a relative path", "/web/to-relative"),
    location("Redirect to elsewhere", "/web/to-other"),
    location("Redirect on the admin port", "/to-path", "admin"),
    {
      what: "Cookie",
      run: async ({ ports }) =>
        headerOf(await exchange(ports.paths, get("/web/cookie")), "set-cookie") ?? "none",
    },
    {
      what: "Cookie on the admin port",
      run: async ({ ports }) => headerOf(await exchange(ports.admin, get("/cookie")), "set-cookie") ?? "none",
    },
    {
      what: "Forwarded lines",
      async run(way) {
        const forged = ["X-Forwarded-For: 10.0.0.1", "X-Forwarded-Prefix: /forged"];
        const seen = seenBy(await exchange(way.ports.paths, get("/web/x", forged)));
        const lines = ["for", "host", "server", "proto", "prefix"].map(
          (what) => `${what}=${seen?.headers[`x-forwarded-${what}`] ?? "none"}`,
        );
        return withoutPorts(lines.join(" "), way);
      },
    },
    {
      what: "Forwarded lines on the admin port",
      async run({ ports }) {
        const seen = seenBy(await exchange(ports.admin, get("/x", ["X-Forwarded-For: 10.0.0.1"]), undefined));
        return seen?.headers["x-forwarded-for"] ?? "none";
      },
    },
  ];
}

function hostLine(backends: Backends): readonly Check[] {
  return [
    {
      what: "Host line that the backend sees",
      async run({ ports }) {
        const seen = seenBy(await exchange(ports.paths, get("/web/x")));
        return seen?.headers["host"] === `127.0.0.1:${backends.web.port}` ? "the backend's own" : "another";
      },
    },
    {
      what: "Host line on the admin port",
      async run({ ports }) {
        const seen = seenBy(await exchange(ports.admin, get("/x")));
        return seen?.headers["host"] === `127.0.0.1:${ports.admin}` ? "as it came" : "another";
      },
    },
  ];
}

function refusals(): readonly Check[] {
  const foreign = "Origin: https://evil.example.com";
  const host =
    (name: string): Check["run"] =>
    async ({ ports }) =>
      told(
        await exchange(
          ports.paths,
          request(["GET /web/x HTTP/1.1", `Host: ${name}`, "Connection: close", ""]),
        ),
      );
  return [
    asks("Target with an encoded dot", "/web/%2e%2e/x"),
    asks("Target with an encoded slash", "/web/a%2Fb"),
    asks("Target with a dot segment", "/web/../prod/x"),
    asks("Target with a backslash", "/web/a\\b"),
    asks("Target with two slashes first", "//web/x"),
    asks("Target that is no path", "http://127.0.0.1:{port}/web/x"),
    { what: "Foreign Host", run: host("evil.example.com") },
    { what: "Own name, foreign port", run: host("127.0.0.1:1") },
    asks("Foreign Origin", "/web/x", [foreign]),
    asks("Foreign Origin on the admin port", "/x", [foreign], "admin"),
    asks("Origin of this machine", "/web/x", ["Origin: http://localhost:5173"]),
    {
      what: "Foreign Origin of a WebSocket",
      run: async ({ ports }) =>
        String((await exchange(ports.paths, upgrade("/one/amps/json", "websocket", [foreign]))).status),
    },
    {
      what: "Foreign Origin on a WebSocket port",
      run: async ({ ports }) =>
        String((await exchange(ports.websocket, upgrade("/amps/json", "websocket", [foreign]))).status),
    },
    asks("Request on a WebSocket port", "/amps/json", [], "websocket"),
    asks("Image of another site", "/web/x", ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"]),
    asks("Link of another site to a page that reads", "/web/x", [
      "Sec-Fetch-Site: cross-site",
      "Sec-Fetch-Mode: navigate",
    ]),
    asks("Link of another site to an action", "/web/amps/administrator/minidump", [
      "Sec-Fetch-Site: cross-site",
      "Sec-Fetch-Mode: navigate",
    ]),
    {
      what: "Upgrade to HTTP/2",
      run: async ({ ports }) =>
        String((await exchange(ports.paths, upgrade("/one/amps/json", "h2c"))).status),
    },
    {
      what: "WebSocket where the backend has none",
      run: async ({ ports }) =>
        String((await exchange(ports.paths, upgrade("/web/amps/json", "websocket"))).status),
    },
  ];
}

/** `prod` is read-only: what acts is refused, however it is spelled. */
function readOnly(): readonly Check[] {
  const actions = [
    "/amps/administrator/clients/1/disconnect",
    "/amps/administrator/minidump",
    "/AMPS/Administrator/minidump.json",
    "/amps/instance/replication/1/downgrade",
    "/amps/instance/replication/1/downgrade.json",
    "/amps.json/administrator/minidump",
    "/amps//administrator/minidump",
    "/amps/administrato%72/minidump",
    "/amps;x/administrator/minidump",
  ];
  const reads = [
    "/",
    "/index.html",
    "/amps",
    "/amps.json",
    "/amps/instance/clients.json",
    "/amps/host/cpus",
    "/js/app.js?v=2",
  ];
  const all = async ({ ports }: Way, targets: readonly string[]): Promise<string> => {
    const statuses: number[] = [];
    for (const target of targets) statuses.push((await exchange(ports.paths, get(`/prod${target}`))).status);
    const odd = targets.filter((_, at) => statuses[at] !== statuses[0]);
    return odd.length === 0 ? `all ${statuses[0]}` : `${statuses.join(" ")}`;
  };
  return [
    { what: `Read-only: ${actions.length} spellings of actions`, run: (way) => all(way, actions) },
    { what: `Read-only: ${reads.length} pages`, run: (way) => all(way, reads) },
    {
      what: "Read-only: POST",
      run: async ({ ports }) =>
        told(
          await exchange(
            ports.paths,
            request([
              "POST /prod/x HTTP/1.1",
              "Host: 127.0.0.1:{port}",
              "Connection: close",
              "Content-Length: 0",
              "",
            ]),
          ),
        ),
    },
  ];
}

export function httpChecks(backends: Backends): readonly Check[] {
  return [...routing(), ...rewriting(), ...hostLine(backends), ...refusals(), ...readOnly()];
}
