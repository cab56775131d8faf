import type { KeptSecret } from "../../../app/contract/questions.ts";
import type { TunnelStatus } from "../../../app/contract/snapshot.ts";
import type { Condition } from "../routes/route-condition.ts";

const byState: Readonly<Record<TunnelStatus["state"], Condition>> = {
  up: { tone: "ok", shape: "disc", word: "Up", trouble: false },
  connecting: { tone: "busy", shape: "spinner", word: "Connecting", trouble: false },
  down: { tone: "bad", shape: "cross", word: "Down", trouble: true },
  unknown: { tone: "idle", shape: "ring", word: "Not used yet", trouble: false },
};

const waiting: Condition = { tone: "warn", shape: "triangle", word: "Asks you", trouble: true };
const stopped: Condition = { tone: "idle", shape: "ring", word: "Stopped", trouble: false };

/** The state of a tunnel as shown. */
export function tunnelCondition(status: TunnelStatus | null): Condition {
  if (status?.question) return waiting;
  if (status?.failure?.code === "TUNNEL_STOPPED") return stopped;
  return byState[status?.state ?? "unknown"];
}

/** `Tries again in 4 s.`; what has no next attempt says so. */
export function nextAttempt(status: TunnelStatus, type: string, nowMs: number): string | null {
  if (status.state !== "down") return null;
  if (status.retryAt !== null) {
    const seconds = Math.max(0, Math.ceil((Date.parse(status.retryAt) - nowMs) / 1_000));
    return seconds === 0 ? "Tries again now." : `Tries again in ${seconds} s.`;
  }
  return type === "ssh" || status.stopped
    ? "Does not try again by itself."
    : "Tries again with the next connection.";
}

/** Whether there is an attempt, or one to come, that can be given up. */
export function canStop({ state, retryAt }: TunnelStatus): boolean {
  return state === "connecting" || retryAt !== null;
}

/** `Password of ops@jump kept in the keychain.` */
export function keptWords({ kind, account, kept }: KeptSecret): string {
  const what = kind === "passphrase" ? "Passphrase" : "Password";
  return `${what} of ${account} kept ${kept === "keychain" ? "in the keychain" : "until Shunt ends"}.`;
}
