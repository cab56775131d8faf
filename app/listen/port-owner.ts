/** Who has a local port: asked of the system, which tells it only for processes that this user may see. */
import { execFile } from "node:child_process";
import { readFile, readdir, readlink } from "node:fs/promises";
import { isIPv4 } from "node:net";
import { promisify } from "node:util";
import type { HostPort } from "../config/address.ts";
import { boundHosts, isWildcard } from "../config/address.ts";

const run = promisify(execFile);
const askTimeoutMs = 2_000;

/** `java (pid 4711)`, or null where the system does not tell. */
export async function findPortOwner(address: HostPort): Promise<string | null> {
  try {
    if (process.platform === "linux") {
      for (const host of boundHosts(address.host)) {
        const owner = await ownerOnLinux({ ...address, host });
        if (owner !== null) return owner;
      }
      return null;
    }
    if (process.platform === "win32") return await ownerOnWindows(address.port);
    return await ownerByLsof(address.port);
  } catch {
    return null;
  }
}

const listening = "0A";

/** An address as /proc/net/tcp and tcp6 write it: 32-bit words in host byte order. */
function hexAddress(host: string): string | null {
  if (host === "::1") return "00000000000000000000000001000000";
  if (!isIPv4(host)) return null;
  return host
    .split(".")
    .reverse()
    .map((part) => Number(part).toString(16).padStart(2, "0"))
    .join("")
    .toUpperCase();
}

async function ownerOnLinux({ host, port }: HostPort): Promise<string | null> {
  const wanted = hexAddress(host);
  const inodes = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const text = await readFile(table, "utf8").catch(() => "");
    for (const line of text.split("\n").slice(1)) {
      const fields = line.trim().split(/\s+/);
      const [localHost = "", localPort = ""] = (fields[1] ?? "").split(":");
      if (fields[3] !== listening || parseInt(localPort, 16) !== port) continue;
      const anyHost = /^0+$/.test(localHost) || wanted === null || isWildcard(host);
      if ((anyHost || localHost.endsWith(wanted)) && fields[9] !== undefined)
        inodes.add(`socket:[${fields[9]}]`);
    }
  }
  return inodes.size === 0 ? null : processHolding(inodes);
}

async function processHolding(sockets: ReadonlySet<string>): Promise<string | null> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const link = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => "");
      if (!sockets.has(link)) continue;
      const name = (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim();
      return `${name === "" ? "a process" : name} (pid ${pid})`;
    }
  }
  return null;
}

async function ownerByLsof(port: number): Promise<string | null> {
  const { stdout } = await run("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"], {
    timeout: askTimeoutMs,
  });
  const pid = /^p(\d+)$/m.exec(stdout)?.[1];
  const name = /^c(.+)$/m.exec(stdout)?.[1];
  return pid === undefined ? null : `${name ?? "a process"} (pid ${pid})`;
}

async function ownerOnWindows(port: number): Promise<string | null> {
  const { stdout } = await run("netstat", ["-ano", "-p", "TCP"], { timeout: askTimeoutMs });
  const line = stdout.split(/\r?\n/).find((one) => new RegExp(`:${port}\\s.*LISTENING`).test(one));
  const pid = line?.trim().split(/\s+/).at(-1);
  if (pid === undefined) return null;
  const { stdout: tasks } = await run("tasklist", ["/FI", `PID eq ${pid}`, "/FO", "CSV", "/NH"], {
    timeout: askTimeoutMs,
  });
  return `${/^"([^"]+)"/.exec(tasks)?.[1] ?? "a process"} (pid ${pid})`;
}
