/** systemd units that hold SSH tunnels open beside an engine, one for each tunnel. No secret: keys, or an agent. */
import type { ExportedFile } from "../contract/export.ts";
import type { SshTunnelConfig } from "../contract/config.ts";
import { formatHostPort, parseSshAddress } from "../config/address.ts";
import { hashComments } from "./comments.ts";
import type { TunnelForward } from "./plan/export-plan.ts";
import { isPlainFile, isPlainUser } from "./plan/safe-text.ts";
import { describe, type ExportSource } from "./plan/source.ts";

export function tunnelUnits(
  source: ExportSource,
  forwards: readonly TunnelForward[],
): readonly ExportedFile[] {
  return source.resolved.tunnels.flatMap((tunnel) => {
    const own = forwards.filter((forward) => forward.tunnel === tunnel.id);
    if (tunnel.type !== "ssh" || own.length === 0) return [];
    const text = unit(source, tunnel, own);
    return text === null
      ? []
      : [{ name: `shunt-tunnel-${tunnel.id}.service`, language: "systemd" as const, text }];
  });
}

/** An argument as systemd reads it: specifiers and variables are taken literally. */
function argument(text: string): string {
  const literal = text.replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /^[A-Za-z0-9_./:@%=~[\]-]+$/.test(literal) ? literal : `"${literal}"`;
}

/** `~/` is the home of the user who runs the unit. */
function file(path: string): string | null {
  if (!isPlainFile(path)) return null;
  return path.startsWith("~/") ? argument(path).replace("~/", "%h/") : argument(path);
}

function unit(
  source: ExportSource,
  tunnel: SshTunnelConfig,
  forwards: readonly TunnelForward[],
): string | null {
  const address = parseSshAddress(tunnel.address);
  const identity = tunnel.identityFile === undefined ? null : file(tunnel.identityFile);
  const knownHosts = tunnel.knownHosts === undefined ? null : file(tunnel.knownHosts);
  const isUnsafe =
    !address ||
    (tunnel.user !== undefined && !isPlainUser(tunnel.user)) ||
    (tunnel.identityFile !== undefined && identity === null) ||
    (tunnel.knownHosts !== undefined && knownHosts === null);
  if (isUnsafe) {
    source.remarks.leaveOut(
      "UNSAFE_TEXT",
      {},
      `The user or a file of tunnel ${tunnel.id} holds characters that systemd would read as more than that: write its unit by hand.`,
    );
    return null;
  }
  const words = [
    "/usr/bin/ssh -N -T",
    "-o BatchMode=yes",
    "-o StrictHostKeyChecking=yes",
    "-o ExitOnForwardFailure=yes",
    "-o ServerAliveInterval=15",
    "-o ServerAliveCountMax=3",
    "-o ConnectTimeout=10",
    ...(knownHosts === null ? [] : [`-o UserKnownHostsFile=${knownHosts}`]),
    ...(identity === null ? [] : [`-i ${identity}`]),
    ...(tunnel.user === undefined ? [] : [`-l ${tunnel.user}`]),
    ...(address.port === null ? [] : [`-p ${address.port}`]),
    ...forwards.map(
      ({ local, remote }) => `-L ${argument(`${formatHostPort(local)}:${formatHostPort(remote)}`)}`,
    ),
    address.host,
  ];
  const lines = [
    ...hashComments([
      `SSH tunnel ${tunnel.id}, exported from Shunt. Runs as a user whose key the server takes without a question, and who has its host key in known_hosts.`,
      ...describe(source, "tunnels", tunnel.id),
    ]),
    "[Unit]",
    `Description=SSH tunnel ${tunnel.id} (Shunt)`,
    "After=network-online.target",
    "Wants=network-online.target",
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    `ExecStart=${words.join(" \\\n    ")}`,
    "Restart=always",
    "RestartSec=5",
    "",
    "[Install]",
    "WantedBy=multi-user.target",
  ];
  return `${lines.join("\n")}\n`;
}
