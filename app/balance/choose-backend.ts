/** Places a new connection: which member, and why. Pure; the forwarder dials what it is told. */
import type { Reply } from "../contract/commands.ts";
import type { ClientRole, PoolConfig } from "../contract/config.ts";
import type { Health } from "../contract/snapshot.ts";
import { accept, refuse } from "../failures.ts";
import { leastLoaded, type MemberLoad } from "./least-load.ts";

export interface MemberState {
  readonly id: string;
  readonly health: Health;
  readonly drained: boolean;
  /** Connections through Shunt, those being dialled included. */
  readonly connections: number;
  readonly load?: MemberLoad | null;
}

export interface Choice {
  readonly backend: string;
  readonly why: string;
}

/** Where the failover guard sends guarded clients: to the active member, or nowhere. */
export type GuardedPlace = { readonly to: string } | { readonly held: string };

interface ChoiceInput {
  readonly pool: PoolConfig;
  readonly role: ClientRole;
  readonly members: readonly MemberState[];
  /** For guarded roles. */
  readonly guarded: GuardedPlace;
  /** Members already tried for this connection, which did not take it. */
  readonly tried: ReadonlySet<string>;
  /** Smooth weighted round-robin's memory, owned by the caller: member id → current weight. */
  readonly turns: Map<string, number>;
}

/** Roles whose clients follow the pool's active member alone (design section 6). */
export function isGuarded(role: ClientRole): boolean {
  return role !== "subscribers";
}

/** One of several members that a client of a sticky route may go to: by the pool's policy, those of weight 0 last. */
export function chooseAmong(
  input: Omit<ChoiceInput, "role" | "guarded">,
  among: readonly Choice[],
): Reply<Choice> {
  const members = input.members.filter(({ id }) => among.some(({ backend }) => backend === id));
  const left = among.filter(({ backend }) => !input.tried.has(backend));
  const [only] = left;
  const balanced = left.length > 1 ? chooseBalanced({ ...input, members }) : null;
  const chosen = balanced?.ok ? left.find(({ backend }) => backend === balanced.value.backend) : only;
  if (!chosen)
    return refuse("NO_MEMBER_UP", `No member of pool ${input.pool.id} that the client may go to took it.`);
  return accept(balanced?.ok ? { ...chosen, why: `${balanced.value.why}; ${chosen.why}` } : chosen);
}

export function chooseBackend(input: ChoiceInput): Reply<Choice> {
  return isGuarded(input.role) ? chooseActive(input) : chooseBalanced(input);
}

/** Guarded clients go to the active member and nowhere else; which one that is, the guard decides (design section 6). */
function chooseActive({ pool, role, members, guarded, tried }: ChoiceInput): Reply<Choice> {
  if ("held" in guarded) return refuse("ROUTE_HELD", guarded.held);
  const active = guarded.to;
  if (tried.has(active))
    return refuse("NO_MEMBER_UP", `${active}, the active member of pool ${pool.id}, took no connection.`);
  if (!members.some((member) => member.id === active))
    return refuse(
      "ENDPOINT_MISSING",
      `${active}, the active member of pool ${pool.id}, has no endpoint of this kind.`,
    );
  return accept({ backend: active, why: `active member for ${role}` });
}

function chooseBalanced({
  pool,
  members,
  tried,
  turns,
}: Omit<ChoiceInput, "role" | "guarded">): Reply<Choice> {
  const able = members.filter(
    (member) => !member.drained && !tried.has(member.id) && weightOf(pool, member.id) > 0,
  );
  const up = able.filter((member) => member.health !== "down");
  // A member that looks down may be back since the last probe: better to try it than to turn the client away.
  const candidates = up.length > 0 ? up : able;
  const [first] = candidates;
  if (!first) return refuse("NO_MEMBER_UP", `No member of pool ${pool.id} takes new connections.`);
  const note = up.length > 0 ? "" : " (no member is known to be up)";
  const { member, why } = pick(candidates, pool, turns);
  return accept({ backend: (member ?? first).id, why: `${why}${note}` });
}

function weightOf(pool: PoolConfig, id: string): number {
  return pool.weights?.[id] ?? 1;
}

interface Picked {
  readonly member: MemberState | null;
  readonly why: string;
}

function pick(candidates: readonly MemberState[], pool: PoolConfig, turns: Map<string, number>): Picked {
  const policy = pool.balance ?? "primary";
  switch (policy) {
    case "primary":
      return { member: candidates[0] ?? null, why: policy };
    case "round-robin":
      return { member: nextTurn(candidates, pool, turns), why: policy };
    case "least-connections":
      return { member: leastConnections(candidates, pool), why: policy };
    case "least-load": {
      const found = leastLoaded(candidates, pool.load ?? "cpu", (id) => weightOf(pool, id));
      if (found.id === null)
        return { member: leastConnections(candidates, pool), why: `least-connections (${found.why})` };
      return { member: candidates.find(({ id }) => id === found.id) ?? null, why: found.why };
    }
  }
}

/** Smooth weighted round-robin, as NGINX does it: everyone gains its weight, the highest goes and pays the sum. */
function nextTurn(
  candidates: readonly MemberState[],
  pool: PoolConfig,
  turns: Map<string, number>,
): MemberState | null {
  let best: MemberState | null = null;
  let sum = 0;
  for (const member of candidates) {
    const weight = weightOf(pool, member.id);
    sum += weight;
    turns.set(member.id, (turns.get(member.id) ?? 0) + weight);
    if (!best || (turns.get(member.id) ?? 0) > (turns.get(best.id) ?? 0)) best = member;
  }
  if (best) turns.set(best.id, (turns.get(best.id) ?? 0) - sum);
  return best;
}

function leastConnections(candidates: readonly MemberState[], pool: PoolConfig): MemberState | null {
  const score = (member: MemberState) => (member.connections + 1) / weightOf(pool, member.id);
  return candidates.reduce<MemberState | null>(
    (best, member) => (!best || score(member) < score(best) ? member : best),
    null,
  );
}
