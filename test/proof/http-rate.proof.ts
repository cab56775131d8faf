/** Requests a second through a path route, by wrk, beside HAProxy in front of the same server (reliability 2.1). */
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { available, programs } from "../support/available.ts";
import { freePort } from "../support/free-port.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { isNight, median, record } from "./harness/figures.ts";
import { startShunt } from "./harness/shunt-process.ts";

cleanUpAfterEach();

const rounds = isNight ? 5 : 3;
const seconds = isNight ? 30 : 4;

async function startServing(program: string, args: readonly string[], url: string): Promise<void> {
  const child = spawn(program, args, { stdio: "ignore" });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  cleanUp(async () => {
    child.kill("SIGTERM");
    await exited;
  });
  await until(async () => (await fetch(url).catch(() => null))?.ok, program);
}

interface Rate {
  readonly perSecond: number;
  readonly latencyP99: string;
  /** Answers other than 2xx and 3xx, and socket errors of every kind. */
  readonly failed: number;
}

async function measure(url: string): Promise<Rate> {
  const args = ["-t1", "-c100", `-d${seconds}s`, "--latency", url];
  const { stdout } = await promisify(execFile)(programs.wrk ?? "", args);
  const socketErrors = /connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout)?.slice(1) ?? [];
  const failed = [/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? "0", ...socketErrors];
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    latencyP99: /^ +99%\s+(\S+)/m.exec(stdout)?.[1] ?? "",
    failed: failed.reduce((sum, count) => sum + Number(count), 0),
  };
}

test.skipIf(!available.wrk || !available.nginx || !available.haproxy)(
  "L9: plain HTTP by 100 connections, beside HAProxy",
  async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "shunt-rate-"));
    cleanUp(() => rmSync(folder, { recursive: true, force: true }));
    const [target, shuntPort, haproxyPort] = [await freePort(), await freePort(), await freePort()];
    const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (what) => `${what}_temp_path ${folder}/${what};`,
    );
    writeFileSync(
      join(folder, "nginx.conf"),
      `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 1;
      events {} http { access_log off; ${temp.join(" ")} keepalive_requests 100000000;
      server { listen 127.0.0.1:${target}; default_type application/json; location / { return 200 '{"amps":"ok"}'; } } }`,
    );
    await startServing(
      programs.nginx ?? "",
      ["-e", "stderr", "-c", join(folder, "nginx.conf")],
      `http://127.0.0.1:${target}/`,
    );
    writeFileSync(
      join(folder, "haproxy.cfg"),
      `defaults\n  mode http\n  timeout client 60s\n  timeout server 60s\n  timeout connect 5s\nlisten all\n  bind 127.0.0.1:${haproxyPort}\n  http-request replace-path /b(/.*) \\1\n  server s 127.0.0.1:${target}\n`,
    );
    await startServing(
      programs.haproxy ?? "",
      ["-db", "-q", "-f", join(folder, "haproxy.cfg")],
      `http://127.0.0.1:${haproxyPort}/b/x`,
    );
    await startShunt({
      version: 1,
      backends: [{ id: "b", admin: `http://127.0.0.1:${target}` }],
      routes: [{ id: "r", listen: `127.0.0.1:${shuntPort}`, path: "/b", target: "b" }],
    });
    const ways = { shunt: shuntPort, haproxy: haproxyPort };
    const rates: Record<keyof typeof ways, Rate[]> = { shunt: [], haproxy: [] };
    // In turns, so that what else the machine does meets both.
    for (let round = 0; round < rounds; round++)
      for (const way of ["shunt", "haproxy"] as const)
        rates[way].push(await measure(`http://127.0.0.1:${ways[way]}/b/x`));
    const perSecond = (way: keyof typeof ways) => median(rates[way].map((rate) => rate.perSecond));
    const failed = rates.shunt.reduce((sum, rate) => sum + rate.failed, 0);
    const share = perSecond("shunt") / perSecond("haproxy");
    record(
      context,
      `${rounds} rounds of ${seconds} s in turns: ${Math.round(perSecond("shunt"))} requests/s (p99 ${rates.shunt.map(({ latencyP99 }) => latencyP99).join(", ")}), HAProxy ${Math.round(perSecond("haproxy"))}: ${Math.round(share * 100)} %; ${failed} failed`,
    );
    expect(failed).toBe(0);
    expect(share).toBeGreaterThanOrEqual(0.5);
  },
);
