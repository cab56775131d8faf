import type { ExaminationStep } from "../../../app/contract/examination.ts";
import { Button } from "../design/Button.tsx";
import { formatLatency } from "../design/format.ts";
import { SheetFrame } from "../design/Sheet.tsx";
import { StateMark } from "../design/StateMark.tsx";
import { useNow } from "../design/use-now.ts";
import type { Condition } from "../routes/route-condition.ts";
import { closeSheet } from "../view/view-store.ts";
import { useExamination, type Progress, type Walking } from "./use-examination.ts";

const conditions: Readonly<Record<ExaminationStep["outcome"], Condition>> = {
  ok: { tone: "ok", shape: "disc", word: "Stands", trouble: false },
  warning: { tone: "warn", shape: "triangle", word: "Look at this", trouble: true },
  failed: { tone: "bad", shape: "cross", word: "Broken", trouble: true },
  skipped: { tone: "idle", shape: "ring", word: "Not reached", trouble: false },
};
const hopWords: Readonly<Record<ExaminationStep["hop"], string>> = {
  name: "name lookup",
  tunnel: "tunnel",
  tcp: "TCP",
  tls: "TLS",
  amps: "AMPS logon",
  websocket: "handshake",
  admin: "HTTP answer",
};
const walkingNow: Condition = { tone: "busy", shape: "spinner", word: "Walking", trouble: false };

/** The way to one backend, hop by hop as it is walked: what stands, what broke, and what to do. */
export function ExaminationSheet({ id }: { readonly id: string }) {
  const { again, stop, ...progress } = useExamination(id);
  const walks = progress.state === "walking";
  return (
    <SheetFrame
      title={`The way to ${id}`}
      onClose={closeSheet}
      onSubmit={walks ? stop : again}
      footer={
        <>
          <p className="sheet-preview" aria-live="polite">
            {summary(progress)}
          </p>
          <Button type="submit">{walks ? "Stop" : "Test again"}</Button>
          <Button look="primary" onPress={closeSheet}>
            Close
          </Button>
        </>
      }
    >
      {progress.failure && <p className="field-error">{progress.failure.message}</p>}
      <ol className="examination" aria-busy={walks}>
        {progress.steps.map((step) => (
          <Step key={`${step.endpoint} ${step.hop}`} step={step} />
        ))}
        {progress.walking && <WalkingStep {...progress.walking} />}
      </ol>
      {walks && <p className="soft">A silent hop takes up to ten seconds.</p>}
    </SheetFrame>
  );
}

function Step({ step }: { readonly step: ExaminationStep }) {
  const condition = conditions[step.outcome];
  return (
    <li className="examination-step" data-outcome={step.outcome}>
      <StateMark condition={condition} label={condition.word} />
      <span className="endpoint-kind">{step.endpoint}</span>
      <strong>{hopWords[step.hop]}</strong>
      <span className="faint">{step.tookMs === null ? "" : formatLatency(step.tookMs)}</span>
      <span className="examination-finding">
        {step.finding} {step.advice && step.outcome !== "ok" && <em>{step.advice}</em>}
      </span>
    </li>
  );
}

function WalkingStep({ endpoint, hop, sinceMs }: Walking) {
  const nowMs = useNow(200);
  return (
    <li className="examination-step" data-outcome="walking">
      <StateMark condition={walkingNow} label={walkingNow.word} />
      <span className="endpoint-kind">{endpoint}</span>
      <strong>{hopWords[hop]}</strong>
      <span className="faint">{(Math.max(0, nowMs - sinceMs) / 1_000).toFixed(1)} s</span>
    </li>
  );
}

function summary({ state, steps, failure }: Progress): string {
  if (failure) return failure.advice;
  const broken = steps.find((step) => step.outcome === "failed");
  if (broken) return `Breaks at the ${broken.endpoint} endpoint: ${hopWords[broken.hop]}.`;
  if (state === "walking") return "Testing…";
  return state === "stopped" ? "Stopped before the end of the way." : "Every hop stands.";
}
