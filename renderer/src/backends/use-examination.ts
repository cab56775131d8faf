import { useEffect, useState } from "react";
import type { ExaminationEvent, ExaminationStep } from "../../../app/contract/examination.ts";
import type { Failure } from "../../../app/contract/failures.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { newRun } from "../design/new-run.ts";

export type Walking = Pick<Extract<ExaminationEvent, { is: "walking" }>, "endpoint" | "hop"> & {
  readonly sinceMs: number;
};

export interface Progress {
  readonly state: "walking" | "stopped" | "done";
  readonly steps: readonly ExaminationStep[];
  /** The hop that is being walked. */
  readonly walking: Walking | null;
  /** Why there was no examination. */
  readonly failure: Failure | null;
}

export const begun: Progress = { state: "walking", steps: [], walking: null, failure: null };

/** Walks the way to a backend and tells each hop as it is walked; closing what shows it ends it. */
export function useExamination(id: string): Progress & { again(): void; stop(): void } {
  const bridge = useBridge();
  const [run, setRun] = useState(() => newRun("test"));
  const [progress, setProgress] = useState(begun);
  useEffect(() => {
    let over = false;
    const change = (next: (before: Progress) => Progress): void => {
      if (!over) setProgress(next);
    };
    const stopListening = bridge.onEvent((event) => {
      if (event.type === "examination" && event.run === run) change((before) => withEvent(before, event));
    });
    void bridge.call("backend.test", { id, run }).then((reply) => {
      change((before) => {
        if (!reply.ok) return { ...before, state: "done", walking: null, failure: reply.failure };
        const { steps, stopped } = reply.value;
        return { state: stopped ? "stopped" : "done", steps, walking: null, failure: null };
      });
    });
    return () => {
      over = true;
      stopListening();
      void bridge.call("backend.test-stop", { run });
    };
  }, [bridge, id, run]);
  return {
    ...progress,
    again() {
      setProgress(begun);
      setRun(newRun("test"));
    },
    stop: () => void bridge.call("backend.test-stop", { run }),
  };
}

/** What is told on its own way may come after the reply, which has every step already. */
export function withEvent(before: Progress, event: ExaminationEvent): Progress {
  if (before.state !== "walking") return before;
  if (event.is === "walked") return { ...before, steps: [...before.steps, event.step], walking: null };
  return {
    ...before,
    walking: { endpoint: event.endpoint, hop: event.hop, sinceMs: Date.now() },
  };
}
