import { expect, it } from "vitest";
import type { ExaminationStep } from "../../app/contract/examination.ts";
import { begun, withEvent } from "../../renderer/src/backends/use-examination.ts";

const step: ExaminationStep = {
  ...{ endpoint: "amps", hop: "tcp", outcome: "ok", finding: "It takes connections." },
  ...{ tookMs: 1, advice: null, failure: null },
};

it("tells each hop of an examination once, also where its event comes after the reply that has them all", () => {
  const event = { type: "examination", run: "r", is: "walked", step } as const;
  expect(withEvent(begun, event).steps).toEqual([step]);
  const done = { ...begun, state: "done", steps: [step] } as const;
  expect(withEvent(done, event)).toEqual(done);
});
