/** Examinations that are made up, walked hop by hop at a pace that can be watched. */
import type { Reply } from "../../app/contract/commands.ts";
import type { Examination, ExaminationEvent, ExaminationStep } from "../../app/contract/examination.ts";

const hopMs = 150;
const step = { advice: null, failure: null, outcome: "ok" } as const;
const steps: readonly ExaminationStep[] = [
  { ...step, endpoint: "amps", hop: "tcp", tookMs: 1.2, finding: "amps-prod-1:9007 takes connections." },
  { ...step, endpoint: "amps", hop: "amps", tookMs: 4.8, finding: "AMPS 5.3.4.0 let the probe in." },
  { ...step, endpoint: "admin", hop: "tcp", tookMs: 1.1, finding: "amps-prod-1:8085 takes connections." },
  {
    endpoint: "admin",
    hop: "admin",
    outcome: "failed",
    tookMs: 3.3,
    finding: "Answered 400, not as AMPS's admin interface does.",
    advice: "Check the port: this is not AMPS's admin interface.",
    failure: null,
  },
];

export interface FakeExaminations {
  /** Whether hops stay silent until they are let go, or their run is stopped. */
  hold(on: boolean): void;
  run(backend: string, run: string): Promise<Reply<Examination>>;
  stop(run: string): void;
}

export function createFakeExaminations(emit: (event: ExaminationEvent) => void): FakeExaminations {
  const stopped = new Set<string>();
  let held = false;
  return {
    hold: (on) => void (held = on),
    async run(backend, run) {
      const walked: ExaminationStep[] = [];
      for (const one of steps) {
        emit({ type: "examination", run, is: "walking", endpoint: one.endpoint, hop: one.hop });
        do await new Promise((resolve) => setTimeout(resolve, hopMs));
        while (held && !stopped.has(run));
        if (stopped.has(run)) break;
        walked.push(one);
        emit({ type: "examination", run, is: "walked", step: one });
      }
      return { ok: true, value: { backend, steps: walked, healthy: false, stopped: stopped.has(run) } };
    },
    stop: (run) => void stopped.add(run),
  };
}
