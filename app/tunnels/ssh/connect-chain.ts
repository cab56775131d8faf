/**
 * Makes the connections of an SSH tunnel, one server after another, and asks the operator what must be asked. No
 * connection has to live until an answer comes: one that ended meanwhile is made anew.
 */
import type { Reply } from "../../contract/commands.ts";
import type { SshTunnelConfig } from "../../contract/config.ts";
import type { Failure } from "../../contract/failures.ts";
import { accept, failure, isOwnShortage } from "../../failures.ts";
import type { BackendSocket } from "../../forward/backend-socket.ts";
import { openSocket } from "../../forward/open-tcp.ts";
import { secretAdvice, type SecretSource } from "../secret-source.ts";
import type { HostKeys } from "./host-keys.ts";
import type { SecretMemory } from "./secret-memory.ts";
import { connectSsh, type SshConnection, type SshLimits } from "./ssh-connection.ts";
import { describeHop, sshHops, type SshHop, type SshSurroundings } from "./ssh-hops.ts";

/** Each goes through the one before it; backends are reached from the last. */
export type Chain = readonly SshConnection[];

interface ChainOptions {
  readonly config: SshTunnelConfig;
  readonly secrets: SecretSource;
  readonly memory: SecretMemory;
  readonly hostKeys: HostKeys;
  readonly around: SshSurroundings;
  readonly limits: SshLimits;
  /** The host whose key the operator is asked about, and null when that is answered. */
  readonly onAskHostKey: (host: string | null) => void;
}

/** The far end first: what it was carried by goes last. */
export function closeAll(chain: Chain): void {
  for (const connection of [...chain].reverse()) connection.close();
}

/** Never rejects. Where it fails nothing is left open. */
export async function connectChain(options: ChainOptions, signal: AbortSignal): Promise<Reply<Chain>> {
  for (;;) {
    const chain: SshConnection[] = [];
    const failed = await walk(chain, options, signal);
    if (!failed) return accept(chain);
    const refusal = await consult(failed, options, signal);
    closeAll(chain);
    if (refusal) return { ok: false, failure: refusal };
  }
}

/** Waits for what the operator says: null where it is worth beginning anew, else why not. */
async function consult(failed: Failure, options: ChainOptions, signal: AbortSignal): Promise<Failure | null> {
  const { config, hostKeys, memory, secrets } = options;
  const { hostKey } = failed;
  if (signal.aborted) return failed;
  if (failed.code === "HOST_KEY_UNKNOWN" && hostKey && hostKeys.asks) {
    options.onAskHostKey(hostKey.host);
    const accepted = await hostKeys.accepts(config.id, hostKey, signal);
    options.onAskHostKey(null);
    return accepted ? null : failed;
  }
  const answered = await memory.answered();
  if (answered === "none") return failed;
  if (answered === "given" && !signal.aborted) return null;
  return failure("TUNNEL_SECRET_MISSING", `Tunnel ${config.id} needs a secret, and none was given.`, {
    advice: secretAdvice(secrets, config.id),
  });
}

async function walk(
  chain: SshConnection[],
  options: ChainOptions,
  signal: AbortSignal,
): Promise<Failure | null> {
  const { config, around, secrets, memory, hostKeys, limits } = options;
  for (const hop of sshHops(config, around)) {
    const last = chain.at(-1);
    const how = { signal };
    const socket: Reply<BackendSocket> = last ? await last.open(hop, how) : await openSocket(hop, how);
    if (!socket.ok) return unreachable(config.id, hop, socket.failure);
    const reply = await connectSsh({
      tunnel: config.id,
      hop,
      socket: socket.value,
      hostKeys,
      secrets,
      memory,
      limits,
      signal,
    });
    if (!reply.ok) return reply.failure;
    chain.push(reply.value);
  }
  return null;
}

function unreachable(tunnel: string, hop: SshHop, why: Failure): Failure {
  if (isOwnShortage(why)) return why;
  const what = hop.isJump ? `the jump host ${describeHop(hop)}` : describeHop(hop);
  return failure("TUNNEL_UNREACHABLE", `Tunnel ${tunnel} cannot reach ${what}: ${why.message}`);
}
