/** Debian's own sshd on a free port, with keys and a configuration of its own; it ends with the test. */
import { execFileSync, type ChildProcess } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { descendants } from "../bench/process-tree.ts";
import { programs } from "./available.ts";
import { startChildServer } from "./child-server.ts";
import { cleanUp } from "./running-engine.ts";
import { freePort } from "./free-port.ts";

export interface SshServer {
  readonly port: number;
  readonly user: string;
  /** `[127.0.0.1]:port keytype key`, one line for each host key. */
  knownHosts(): string;
  /** Kills the process that serves a connection, as a crash would; returns how many. */
  killSessions(): number;
  /** Makes those processes stand still, as a partition would look; they are killed with the server. */
  pauseSessions(): number;
  /** How many processes serve connections. */
  sessions(): number;
  /** Takes the client's key out of what may log on. */
  revoke(): void;
  stop(): Promise<void>;
}

/** A folder that stands for a home: `.ssh` with a client key, its own configuration and known hosts. */
export interface SshHome {
  readonly folder: string;
  readonly identityFile: string;
  readonly configFile: string;
  readonly knownHosts: string;
  publicKey(): string;
}

export function makeKey(file: string, type = "ed25519", passphrase = ""): void {
  const bits = type === "rsa" ? ["-b", "2048"] : [];
  execFileSync("ssh-keygen", ["-q", "-t", type, ...bits, "-N", passphrase, "-C", "test", "-f", file]);
}

export function makeSshHome(passphrase = ""): SshHome {
  const folder = mkdtempSync(join(tmpdir(), "shunt-ssh-"));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, ".ssh"), { mode: 0o700 });
  const at = (name: string) => join(folder, ".ssh", name);
  makeKey(at("id_ed25519"), "ed25519", passphrase);
  return {
    folder,
    identityFile: at("id_ed25519"),
    configFile: at("config"),
    knownHosts: at("known_hosts"),
    publicKey: () => readFileSync(at("id_ed25519.pub"), "utf8"),
  };
}

interface SshServerOptions {
  readonly home: SshHome;
  /** Further lines of sshd_config. */
  readonly config?: readonly string[];
  readonly hostKeyTypes?: readonly string[];
  /** A folder with host keys of an earlier server, to be that one again. */
  readonly port?: number;
}

export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const port = options.port ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), "shunt-sshd-"));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  // Where Debian's sshd parts its privileges; a service would have made it.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const types = options.hostKeyTypes ?? ["ed25519"];
  for (const type of types) makeKey(join(folder, `host_${type}`), type);
  writeFileSync(join(folder, "authorized_keys"), options.home.publicKey());
  chmodSync(folder, 0o755);
  const lines = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    ...types.map((type) => `HostKey ${join(folder, `host_${type}`)}`),
    "PidFile none",
    "UsePAM no",
    "StrictModes no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin prohibit-password",
    `AuthorizedKeysFile ${join(folder, "authorized_keys")}`,
    "AllowTcpForwarding yes",
    "MaxStartups 100",
    ...(options.config ?? []),
  ];
  writeFileSync(join(folder, "sshd_config"), `${lines.join("\n")}\n`);
  const child = await startChildServer(
    programs.sshd ?? "",
    ["-D", "-e", "-f", join(folder, "sshd_config")],
    port,
  );
  // Before the server itself ends: those that stand still would outlive it.
  cleanUp(() => void signalDescendants(child, "SIGKILL"));
  return {
    port,
    user: userInfo().username,
    knownHosts: () =>
      types
        .map((type) => readFileSync(join(folder, `host_${type}.pub`), "utf8"))
        .map((line) => `[127.0.0.1]:${port} ${line.split(" ").slice(0, 2).join(" ")}\n`)
        .join(""),
    killSessions: () => signalDescendants(child, "SIGKILL"),
    pauseSessions: () => signalDescendants(child, "SIGSTOP"),
    sessions: () => descendants(child.pid ?? 0).length,
    revoke: () => writeFileSync(join(folder, "authorized_keys"), ""),
    stop: async () => {
      const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      signalDescendants(child, "SIGKILL");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function signalDescendants(child: ChildProcess, signal: NodeJS.Signals): number {
  const found = descendants(child.pid ?? 0);
  for (const pid of found) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended with its parent.
    }
  }
  return found.length;
}
