import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { LoopbackListener } from "../loopback-listener.ts";
import { pageFiles } from "../page/page-files.ts";
import { act, isPermissionCheck } from "./actions.ts";
import { configXml } from "./config-xml.ts";
import type { InstanceView } from "./instance-view.ts";
import { findNode } from "./node.ts";
import { toCsv, toHtml, toXml } from "./render.ts";
import type { Statistics } from "./statistics.ts";

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** The admin endpoint: the page at `/`, the REST tree below `/amps`, and actions, which are plain GETs (4.5). */
export function adminEndpoint(instance: InstanceView, statistics: () => Statistics): LoopbackListener {
  const server = createServer((request, response) => {
    void answer(instance, statistics, request)
      .catch((): Answer => ({ status: 500, type: "text/plain", body: "the sandbox failed\n" }))
      .then((result) => {
        const cancel = instance.clock.after(instance.delayMs(), () => send(request, response, result));
        response.once("close", cancel);
      });
  });
  return new LoopbackListener(server);
}

async function answer(
  instance: InstanceView,
  statistics: () => Statistics,
  request: IncomingMessage,
): Promise<Answer> {
  const path = readPath(request.url ?? "");
  if (request.method !== "GET" && request.method !== "HEAD") return plain(405, "GET only");
  if (path === null) return plain(400, "bad path");
  const file = pageFiles.get(path.join("/"));
  if (file !== undefined) return { status: 200, ...file };
  if (path[0] !== "amps") return plain(404, "nothing here");
  const { name, suffix } = splitSuffix(path);
  const action = actionPath(name);
  if (action !== null) return runAction(instance, request, action);
  if (name.join("/") === "amps/instance/config" && suffix === "xml") {
    return { status: 200, type: "application/xml", body: configXml(instance) };
  }
  return readStatistics(statistics(), name, suffix);
}

/** Path segments: percent-decoded, dot segments and doubled slashes resolved, as lenient servers read them. */
function readPath(target: string): string[] | null {
  try {
    const { pathname } = new URL(target.replace(/^\/+/, "/"), "http://sandbox.invalid");
    return decodeURIComponent(pathname)
      .split("/")
      .filter((segment) => segment !== "");
  } catch {
    return null;
  }
}

function splitSuffix(path: readonly string[]): { name: string[]; suffix: string } {
  const last = path[path.length - 1] ?? "";
  const match = /^(.+)\.(json|xml|csv)$/.exec(last);
  return match === null
    ? { name: [...path], suffix: "" }
    : { name: [...path.slice(0, -1), match[1] ?? ""], suffix: match[2] ?? "" };
}

/** Actions live below `administrator`; those of replication also beside its statistics. */
function actionPath(path: readonly string[]): readonly string[] | null {
  if (path[1] === "administrator" && path.length > 2) return path.slice(2);
  const isLinkAction = path[1] === "instance" && path[2] === "replication" && path.length === 5;
  return isLinkAction && ["downgrade", "upgrade", "reconnect"].includes(path[4] ?? "") ? path.slice(2) : null;
}

async function runAction(
  instance: InstanceView,
  request: IncomingMessage,
  path: readonly string[],
): Promise<Answer> {
  if (isPermissionCheck(path)) return { status: 200, type: "application/json", body: "true" };
  if (request.method !== "GET") return plain(405, "GET only");
  const done = await act(instance, path);
  return done === null ? plain(404, "no such action") : plain(200, `SANDBOX: ${done}`);
}

function readStatistics(statistics: Statistics, path: readonly string[], suffix: string): Answer {
  const found = findNode(statistics.sample, path);
  if (found === null) return plain(404, "nothing here");
  const { node, wrapped } = found;
  if (suffix === "json") return { status: 200, type: "application/json", body: JSON.stringify(wrapped) };
  if (suffix === "xml") return { status: 200, type: "application/xml", body: toXml(wrapped) };
  if (suffix === "csv") {
    if (typeof node !== "string") return plain(404, "CSV is for single values");
    const time = findNode(statistics.sample, ["amps", "instance", "timestamp"])?.node;
    return { status: 200, type: "text/csv", body: toCsv(typeof time === "string" ? time : "", node) };
  }
  if (typeof node === "string") return plain(200, node);
  return { status: 200, type: "text/html", body: toHtml(`/${path.join("/")}`, node) };
}

function plain(status: number, text: string): Answer {
  return { status, type: "text/plain", body: `${text}\n` };
}

function send(request: IncomingMessage, response: ServerResponse, { status, type, body }: Answer): void {
  if (response.destroyed) return;
  const bytes = Buffer.from(body, "utf8");
  response.writeHead(status, {
    "content-type": `${type}; charset=utf-8`,
    "content-length": bytes.length,
    "cache-control": "no-store",
    "access-control-allow-origin": "*",
    server: "shunt-sandbox",
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}
