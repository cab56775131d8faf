/** `shunt doctor`: walks the way to each backend and says at which hop it breaks, and what to do. */
import type { ExaminationStep } from "../../app/contract/examination.ts";
import { examineBackend } from "../../app/doctor/examine-backend.ts";
import { TunnelSet } from "../../app/tunnels/tunnel-set.ts";
import { printProblems, readConfig } from "./read-config.ts";

const marks = { ok: "ok", warning: "warning", failed: "FAILED", skipped: "skipped" } as const;

/** 0 where every hop of the backends stands, else 1. */
export async function runDoctor(file: string, only: string | undefined): Promise<void> {
  const read = readConfig(file);
  if (!read.ok) {
    printProblems(read.problems);
    process.exitCode = 1;
    return;
  }
  const { backends, tunnels: configured } = read.value.resolved;
  const chosen = backends.filter((backend) => only === undefined || backend.id === only);
  if (only !== undefined && chosen.length === 0) {
    const known = backends.map(({ id }) => id).join(", ");
    process.stderr.write(`shunt: there is no backend ${only}; known: ${known || "none"}\n`);
    process.exitCode = 1;
    return;
  }
  const tunnels = new TunnelSet({}, { note: () => undefined, onChange: () => undefined });
  tunnels.update(configured);
  for (const backend of chosen) {
    process.stdout.write(`${backend.id}${backend.via === undefined ? "" : ` (via ${backend.via})`}\n`);
    const examination = await examineBackend({
      backend,
      openTcp: tunnels.openTcp,
      ready: tunnels.ready,
      onStep: printStep,
    });
    if (!examination.healthy) process.exitCode = 1;
  }
  tunnels.close();
}

function printStep({ endpoint, hop, outcome, tookMs, finding, advice }: ExaminationStep): void {
  const took = tookMs === null ? "" : `${tookMs} ms`;
  process.stdout.write(
    `  ${endpoint.padEnd(12)}${hop.padEnd(10)}${marks[outcome].padEnd(8)}${took.padStart(11)}  ${finding}\n`,
  );
  if (advice !== null && outcome !== "ok") process.stdout.write(`${" ".repeat(45)}→ ${advice}\n`);
}
