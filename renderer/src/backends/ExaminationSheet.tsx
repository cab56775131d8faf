import { useEffect, useState } from "react";
import type { Examination, ExaminationStep } from "../../../app/contract/examination.ts";
import type { Failure } from "../../../app/contract/failures.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { formatLatency } from "../design/format.ts";
import { SheetFrame } from "../design/Sheet.tsx";
import { StateMark } from "../design/StateMark.tsx";
import type { Condition } from "../routes/route-condition.ts";
import { closeSheet } from "../view/view-store.ts";

const conditions: Readonly<Record<ExaminationStep["outcome"], Condition>> = {
  ok: { tone: "ok", shape: "disc", word: "Stands", trouble: false },
  warning: { tone: "warn", shape: "triangle", word: "Look at this", trouble: true },
  failed: { tone: "bad", shape: "cross", word: "Broken", trouble: true },
  skipped: { tone: "idle", shape: "ring", word: "Not reached", trouble: false },
};

type Outcome = { readonly found: Examination } | { readonly failure: Failure } | null;

/** The way to one backend, hop by hop: what stands, what broke, and what to do. */
export function ExaminationSheet({ id }: { readonly id: string }) {
  const bridge = useBridge();
  const [turn, setTurn] = useState(0);
  const [outcome, setOutcome] = useState<Outcome>(null);
  useEffect(() => {
    let gone = false;
    void bridge.call("backend.test", { id }).then((reply) => {
      if (!gone) setOutcome(reply.ok ? { found: reply.value } : { failure: reply.failure });
    });
    return () => {
      gone = true;
    };
  }, [bridge, id, turn]);
  const again = (): void => {
    setOutcome(null);
    setTurn(turn + 1);
  };
  return (
    <SheetFrame
      title={`The way to ${id}`}
      onClose={closeSheet}
      onSubmit={again}
      footer={
        <>
          <p className="sheet-preview" aria-live="polite">
            {summary(outcome)}
          </p>
          <Button type="submit" isDisabled={outcome === null}>
            Test again
          </Button>
          <Button look="primary" onPress={closeSheet}>
            Close
          </Button>
        </>
      }
    >
      {outcome === null && <p className="soft">Walking each hop; a silent one takes up to ten seconds.</p>}
      {outcome && "failure" in outcome && <p className="field-error">{outcome.failure.message}</p>}
      {outcome && "found" in outcome && (
        <ol className="examination">
          {outcome.found.steps.map((step) => (
            <Step key={`${step.endpoint} ${step.hop}`} step={step} />
          ))}
        </ol>
      )}
    </SheetFrame>
  );
}

function Step({ step }: { readonly step: ExaminationStep }) {
  const condition = conditions[step.outcome];
  return (
    <li className="examination-step" data-outcome={step.outcome}>
      <StateMark condition={condition} label={condition.word} />
      <span className="endpoint-kind">{step.endpoint}</span>
      <strong>{step.hop}</strong>
      <span className="faint">{step.tookMs === null ? "" : formatLatency(step.tookMs)}</span>
      <span className="examination-finding">
        {step.finding} {step.advice && step.outcome !== "ok" && <em>{step.advice}</em>}
      </span>
    </li>
  );
}

function summary(outcome: Outcome): string {
  if (outcome === null) return "Testing…";
  if ("failure" in outcome) return outcome.failure.advice;
  const broken = outcome.found.steps.find((step) => step.outcome === "failed");
  return broken ? `Breaks at ${broken.endpoint}: ${broken.hop}.` : "Every hop stands.";
}
