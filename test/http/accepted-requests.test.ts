/** What Shunt takes, every server behind it takes for the same: through NGINX, HAProxy and Node, however it is cut. */
import { createHash } from "node:crypto";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { available, programs } from "../support/available.ts";
import { freePort } from "../support/free-port.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { connectTcp } from "../support/tcp-client.ts";
import { acceptedRequests, fill } from "./accepted-requests.ts";

cleanUpAfterEach();

const hash = (body: Buffer): string => createHash("sha256").update(body).digest("hex").slice(0, 16);

/** Keeps `method target hash-of-body` of every request, by the vector that it says to be of. */
async function startRecorder() {
  const seen = new Map<string, string[]>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const vector = String(request.headers["x-vector"] ?? "none");
      const said = `${request.method} ${request.url} ${hash(Buffer.concat(chunks))}`;
      seen.set(vector, [...(seen.get(vector) ?? []), said]);
      response.end("ok");
    });
  });
  server.maxHeadersCount = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen };
}

async function startProgram(program: string, args: readonly string[], port: number): Promise<void> {
  const child = spawn(program, args, { stdio: "ignore" });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  cleanUp(async () => {
    child.kill("SIGTERM");
    await exited;
  });
  await until(async () => (await connectTcp(port).catch(() => null))?.socket.destroy(), program);
}

async function startNginx(folder: string, target: number): Promise<number> {
  const port = await freePort();
  const kept = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (what) => `${what}_temp_path ${folder}/${what};`,
  );
  const file = join(folder, "nginx.conf");
  writeFileSync(
    file,
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
    events {} http { access_log off; ${kept.join(" ")} large_client_header_buffers 8 32k;
    server { listen 127.0.0.1:${port}; underscores_in_headers on;
    location / { proxy_pass http://127.0.0.1:${target}; proxy_http_version 1.1; proxy_request_buffering off; } } }`,
  );
  await startProgram(programs.nginx ?? "", ["-e", "stderr", "-c", file], port);
  return port;
}

async function startHaproxy(folder: string, target: number): Promise<number> {
  const port = await freePort();
  const file = join(folder, "haproxy.cfg");
  writeFileSync(
    file,
    `global
  tune.bufsize 65536
defaults
  mode http
  timeout client 20s
  timeout server 20s
  timeout connect 5s
listen all
  bind 127.0.0.1:${port}
  server s 127.0.0.1:${target}
`,
  );
  await startProgram(programs.haproxy ?? "", ["-db", "-q", "-f", file], port);
  return port;
}

const slicings: Readonly<Record<string, (text: string) => readonly string[]>> = {
  "in one write": (text) => [text],
  "in small pieces": (text) => text.match(new RegExp(`[^]{1,${text.length > 2_000 ? 900 : 7}}`, "g")) ?? [],
  "cut at each CRLF": (text) => text.split(/(?<=\r\n)/),
};

/** Sends the pieces, and reads as many answers; their statuses. */
function send(port: number, pieces: readonly string[], answers: number): Promise<readonly number[]> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let text = "";
    const statuses = () => [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
    const final = () => statuses().filter((status) => status >= 200);
    const done = (): void => {
      socket.destroy();
      resolve(final());
    };
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (final().length >= answers) done();
    });
    socket.on("error", done);
    socket.on("close", done);
    let at = 0;
    const next = (): void => {
      const piece = pieces[at++];
      if (piece !== undefined && !socket.destroyed)
        socket.write(Buffer.from(piece, "latin1"), () => setImmediate(next));
    };
    next();
  });
}

const ways = ["node", "nginx", "haproxy"] as const;

test.skipIf(!available.nginx || !available.haproxy)(
  "B2: every accepted vector is the same requests to NGINX, HAProxy and Node behind Shunt",
  { timeout: 90_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "shunt-accepted-"));
    cleanUp(() => rmSync(folder, { recursive: true, force: true }));
    const recorder = await startRecorder();
    const targets = {
      node: recorder.port,
      nginx: await startNginx(folder, recorder.port),
      haproxy: await startHaproxy(folder, recorder.port),
    };
    const ports = new Map<string, number>();
    for (const way of ways) ports.set(way, await freePort());
    await runEngine({
      version: 1,
      backends: ways.map((way) => ({ id: way, admin: `http://127.0.0.1:${targets[way]}` })),
      routes: ways.map((way) => ({
        id: way,
        listen: `127.0.0.1:${ports.get(way)}`,
        path: "/b",
        target: way,
      })),
    });
    const wrong: string[] = [];
    const waiting = ways.flatMap((way) =>
      Object.entries(slicings).flatMap(([slicing, slice]) =>
        acceptedRequests.map((vector) => ({ way, slicing, slice, vector })),
      ),
    );
    const total = waiting.length;
    let number = 0;
    const worker = async (): Promise<void> => {
      for (let one = waiting.shift(); one; one = waiting.shift()) {
        const { way, slicing, slice, vector } = one;
        const id = number++;
        const port = ports.get(way) ?? 0;
        const statuses = await send(port, slice(fill(vector.bytes, port, id)), vector.seen.length);
        const expected = vector.seen.map(
          ({ method, target, body }) =>
            `${method} ${target} ${hash(Buffer.from(fill(body, port, id), "latin1"))}`,
        );
        const seen = recorder.seen.get(String(id)) ?? [];
        if (
          statuses.some((status) => status !== 200) ||
          statuses.length !== expected.length ||
          seen.join() !== expected.join()
        )
          wrong.push(
            `${way}, ${slicing}, ${vector.name}: ${statuses.join()} ${seen.join(" | ").slice(0, 200)}`,
          );
      }
    };
    await Promise.all(Array.from({ length: 20 }, worker));
    expect(wrong).toEqual([]);
    expect(total).toBeGreaterThanOrEqual(600);
    // Whatever came without a vector's number is a request that somebody made of a body.
    const stray = (recorder.seen.get("none") ?? []).filter(
      (said) => !/^(GET|HEAD) \/(amps\/.*)? /.test(said),
    );
    expect(stray).toEqual([]);
  },
);
