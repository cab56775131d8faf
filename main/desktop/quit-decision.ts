/** What starting, closing the window and quitting mean, decided from plain facts. */
import type { RouteConfig } from "../../app/contract/config.ts";
import type { RouteStatus } from "../../app/contract/snapshot.ts";

/** What is cut by quitting now. */
export interface LiveConnections {
  readonly open: number;
  readonly publishers: number;
}

export const drainLimitMs = 10 * 60_000;

export function countLive(
  observed: readonly Pick<RouteStatus, "id" | "connections">[],
  routes: readonly Pick<RouteConfig, "id" | "clients">[],
): LiveConnections {
  const publishing = new Set(
    routes.filter((route) => route.clients === "publishers").map((route) => route.id),
  );
  const openOf = (rows: typeof observed) => rows.reduce((sum, { connections }) => sum + connections.open, 0);
  return { open: openOf(observed), publishers: openOf(observed.filter(({ id }) => publishing.has(id))) };
}

interface QuitQuestion {
  readonly message: string;
  readonly detail: string;
  readonly buttons: readonly ["Drain", "Cut", "Cancel"];
}

export type QuitAnswer = "drain" | "cut" | "cancel";

/** The answer behind each button of `QuitQuestion`; closing the question cancels. */
export const quitAnswers: readonly QuitAnswer[] = ["drain", "cut", "cancel"];

/** The question to put before quitting, or null when nobody would notice. */
export function quitQuestion(live: LiveConnections): QuitQuestion | null {
  if (live.open === 0) return null;
  const publishers = live.publishers === 0 ? "" : ` (${plural(live.publishers, "publisher")})`;
  return {
    message: `${plural(live.open, "connection")}${publishers} will be cut`,
    detail:
      "Drain takes no new connections, waits up to 10 minutes for the open ones to end, and then quits. " +
      "Cut ends them at once.",
    buttons: ["Drain", "Cut", "Cancel"],
  };
}

/** What is said while draining. */
export function drainNote(open: number): string {
  return `Waiting for ${plural(open, "connection")} to end`;
}

/** Closing the window hides it only where there is a visible way back; elsewhere it is a wish to quit. */
export function decideClose(facts: {
  platform: string;
  trayVisible: boolean;
  quitting: boolean;
}): "close" | "hide" | "quit" {
  if (facts.quitting) return "close";
  return facts.platform === "darwin" || facts.trayVisible ? "hide" : "quit";
}

/** A login starts Shunt behind what the operator does, and never without a visible way to it. */
export function decideFirstShow(facts: {
  startedAtLogin: boolean;
  trayVisible: boolean;
}): "front" | "minimised" | "hidden" {
  if (!facts.startedAtLogin) return "front";
  return facts.trayVisible ? "hidden" : "minimised";
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}
