/** `ssh -L` through an sshd of its own; both ends of the tunnel count as the forwarder. */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { freePort } from "../../support/free-port.ts";
import { startServing, type RunningForwarder, type Setting } from "./forwarder.ts";

function makeKey(file: string): void {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", file]);
}

function writeServerConfig(folder: string, sshdPort: number): string {
  makeKey(join(folder, "host"));
  makeKey(join(folder, "client"));
  copyFileSync(join(folder, "client.pub"), join(folder, "authorized_keys"));
  chmodSync(folder, 0o755);
  const key = readFileSync(join(folder, "host.pub"), "utf8").split(" ").slice(0, 2).join(" ");
  writeFileSync(join(folder, "known_hosts"), `[127.0.0.1]:${sshdPort} ${key}\n`);
  const config = join(folder, "sshd_config");
  const lines = [
    `Port ${sshdPort}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${join(folder, "host")}`,
    "PidFile none",
    "UsePAM no",
    "StrictModes no",
    "PasswordAuthentication no",
    "PermitRootLogin prohibit-password",
    `AuthorizedKeysFile ${join(folder, "authorized_keys")}`,
    "AllowTcpForwarding yes",
  ];
  writeFileSync(config, `${lines.join("\n")}\n`);
  return config;
}

export async function startSsh(
  sshd: string,
  { backendPort, folder, cpu }: Setting,
): Promise<RunningForwarder> {
  const [rawPort, sshdPort] = [await freePort(), await freePort()];
  // Where Debian's sshd parts its privileges; a service would have made it.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const config = writeServerConfig(folder, sshdPort);
  const server = await startServing({ command: sshd, args: ["-D", "-e", "-f", config], cpu }, [sshdPort]);
  const options = ["StrictHostKeyChecking=yes", `UserKnownHostsFile=${join(folder, "known_hosts")}`];
  const client = await startServing(
    {
      command: "ssh",
      args: [
        ...["-F", "none", "-N", "-p", String(sshdPort), "-i", join(folder, "client")],
        ...[...options, "IdentitiesOnly=yes", "BatchMode=yes", "ExitOnForwardFailure=yes"].flatMap((one) => [
          "-o",
          one,
        ]),
        ...["-L", `127.0.0.1:${rawPort}:127.0.0.1:${backendPort}`, `${userInfo().username}@127.0.0.1`],
      ],
      cpu,
    },
    [rawPort],
  ).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  return {
    rawPort,
    httpPort: null,
    pids: [client.pid, server.pid],
    async stop() {
      await client.stop();
      await server.stop();
    },
  };
}
