/** The way out: ask when connections are live, drain or cut, and end for certain. */
import { app, dialog, type BrowserWindow, type MessageBoxOptions } from "electron";
import {
  drainLimitMs,
  drainNote,
  quitAnswers,
  quitQuestion,
  type LiveConnections,
  type QuitAnswer,
} from "./quit-decision.ts";

interface QuittingOptions {
  readonly window: () => BrowserWindow | null;
  readonly countLive: () => Promise<LiveConnections>;
  /** Takes no new connections and resolves when the open ones have ended, cut after `limitMs`. */
  readonly drain: (limitMs: number) => Promise<void>;
  /** Cuts what is open, also in the middle of a drain, and resolves when everything has stopped. */
  readonly cut: () => Promise<void>;
  /** Once, before anything is stopped. */
  readonly onQuitting: () => void;
  readonly log: (message: string) => void;
}

export interface Quitting {
  readonly isQuitting: () => boolean;
  /** The operator wishes to quit: asks first when connections are live. */
  ask(): Promise<void>;
  /** The system ends the session or sends a signal: nobody is there to answer. */
  now(): Promise<void>;
}

/** After a cut, how long the threads may take to end. */
const endLimitMs = 3_000;

export function createQuitting(options: QuittingOptions): Quitting {
  let state: "running" | "asking" | "draining" | "ending" = "running";

  const end = async (): Promise<void> => {
    if (state === "running" || state === "asking") options.onQuitting();
    state = "ending";
    await withLimit(options.cut(), endLimitMs).catch((error: unknown) =>
      options.log(`ending: ${String(error)}`),
    );
    app.exit(0);
  };

  const drain = async (): Promise<void> => {
    state = "draining";
    options.onQuitting();
    const drained = new AbortController();
    const finish = () => {
      drained.abort();
      if (state === "draining") void end();
    };
    withLimit(options.drain(drainLimitMs), drainLimitMs).then(finish, finish);
    await offerCut(drained.signal);
  };

  const offerCut = async (drained: AbortSignal): Promise<void> => {
    pendingCut = () => offerCut(drained);
    const { open } = await options.countLive();
    if (drained.aborted) return;
    const answer = await show({ ...cutOffer(open), signal: drained });
    if (answer === 0 && !drained.aborted) await end();
  };
  let pendingCut: (() => Promise<void>) | null = null;

  const show = async (box: MessageBoxOptions): Promise<number> => {
    const window = options.window();
    const shown =
      window === null || !window.isVisible()
        ? dialog.showMessageBox(box)
        : dialog.showMessageBox(window, box);
    return (await shown).response;
  };

  const askFirst = async (): Promise<QuitAnswer> => {
    const question = quitQuestion(await options.countLive());
    if (question === null) return "cut";
    const { message, detail, buttons } = question;
    const box: MessageBoxOptions = {
      type: "warning",
      title: "Quit Shunt",
      message,
      detail,
      buttons: [...buttons],
    };
    return quitAnswers[await show({ ...box, defaultId: 0, cancelId: 2, noLink: true })] ?? "cancel";
  };

  return {
    isQuitting: () => state === "draining" || state === "ending",
    async ask() {
      if (state === "draining") return pendingCut?.();
      if (state !== "running") return;
      state = "asking";
      const answer = await askFirst().catch((error: unknown): QuitAnswer => {
        options.log(`quitting: ${String(error)}`);
        return "cut";
      });
      if (answer === "cut") await end();
      else if (answer === "drain") await drain();
      else state = "running";
    },
    now: end,
  };
}

function cutOffer(open: number): MessageBoxOptions {
  return {
    type: "info",
    title: "Shunt is quitting",
    message: drainNote(open),
    detail: "No new connections are taken. Shunt quits when they have ended, after 10 minutes at the latest.",
    buttons: ["Cut now", "Keep waiting"],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  };
}

/** Resolves with the promise or after the limit, whichever is first. */
async function withLimit(promise: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
  await Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
