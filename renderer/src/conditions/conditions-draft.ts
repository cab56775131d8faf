/** What the sheet holds while it is edited: text as typed, until it is read as conditions. */
import type { Conditions, Fault } from "../../../app/contract/conditions.ts";

export type FaultKind = "none" | Fault["do"];

export interface ConditionsDraft {
  readonly latencyMs: string;
  readonly jitterMs: string;
  readonly bandwidthKBps: string;
  readonly sliceBytes: string;
  readonly sliceDelayMs: string;
  readonly direction: "both" | "to-backend" | "to-client";
  readonly fault: FaultKind;
  /** Bytes of a limit, milliseconds of the others. */
  readonly faultFigure: string;
}

export type NumberField = Exclude<keyof ConditionsDraft, "direction" | "fault">;

const emptyDraft: ConditionsDraft = {
  latencyMs: "",
  jitterMs: "",
  bandwidthKBps: "",
  sliceBytes: "",
  sliceDelayMs: "",
  direction: "both",
  fault: "none",
  faultFigure: "",
};

export function draftOfConditions(conditions: Conditions | null): ConditionsDraft {
  if (!conditions) return emptyDraft;
  const { latencyMs, jitterMs, bandwidthKBps, slicer, fault, direction = "both" } = conditions;
  return {
    latencyMs: shown(latencyMs),
    jitterMs: shown(jitterMs),
    bandwidthKBps: shown(bandwidthKBps),
    sliceBytes: shown(slicer?.bytes),
    sliceDelayMs: shown(slicer?.delayMs),
    direction,
    fault: fault?.do ?? "none",
    faultFigure: shown(figureOf(fault)),
  };
}

function shown(figure: number | undefined): string {
  return figure === undefined ? "" : String(figure);
}

function figureOf(fault: Fault | undefined): number | undefined {
  if (!fault || fault.do === "down") return undefined;
  if (fault.do === "limit") return fault.bytes;
  return fault.do === "blackhole" ? fault.closeAfterMs : fault.afterMs;
}

/** Whether any of the figures that are asked for is wrong. */
export function hasProblem(draft: ConditionsDraft): boolean {
  const ofFault = draft.fault === "none" || draft.fault === "down" ? [] : (["faultFigure"] as const);
  const asked = ["latencyMs", "jitterMs", "bandwidthKBps", "sliceBytes", "sliceDelayMs", ...ofFault] as const;
  return asked.some((field) => problemOf(draft, field) !== undefined);
}

/** What is wrong with a figure as typed, or nothing. */
export function problemOf(draft: ConditionsDraft, field: NumberField): string | undefined {
  const text = draft[field].trim();
  if (text === "") {
    if (field === "faultFigure" && draft.fault === "limit") return "After how many bytes?";
    if (field === "sliceBytes" && draft.sliceDelayMs.trim() !== "") return "How large are the pieces?";
    return undefined;
  }
  const wanted = field === "bandwidthKBps" ? /^\d+(\.\d+)?$/ : /^\d+$/;
  const most = field === "sliceBytes" || field === "bandwidthKBps" ? 1e7 : 3_600_000;
  const isBytes = field === "faultFigure" && draft.fault === "limit";
  if (!wanted.test(text)) return "A number, please.";
  if (Number(text) > (isBytes ? 1e12 : most))
    return `At most ${(isBytes ? 1e12 : most).toLocaleString("en-US")}.`;
  const least = field === "bandwidthKBps" ? 0.1 : field === "sliceBytes" || isBytes ? 1 : 0;
  return Number(text) < least ? `At least ${least}.` : undefined;
}

/** The conditions that a draft without problems describes; null where it describes none. */
export function conditionsOfDraft(draft: ConditionsDraft): Conditions | null {
  const figure = (field: NumberField): number | undefined =>
    draft[field].trim() === "" ? undefined : Number(draft[field]);
  const [latencyMs, jitterMs, bandwidthKBps, bytes] = [
    figure("latencyMs"),
    figure("jitterMs"),
    figure("bandwidthKBps"),
    figure("sliceBytes"),
  ];
  const fault = faultOf(draft.fault, figure("faultFigure") ?? 0);
  const works = (latencyMs ?? 0) > 0 || (jitterMs ?? 0) > 0 || bandwidthKBps || bytes || fault;
  if (!works) return null;
  return {
    ...(draft.direction !== "both" && { direction: draft.direction }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(jitterMs !== undefined && { jitterMs }),
    ...(bandwidthKBps !== undefined && { bandwidthKBps }),
    ...(bytes !== undefined && { slicer: { bytes, delayMs: figure("sliceDelayMs") ?? 0 } }),
    ...(fault && { fault }),
  };
}

function faultOf(kind: FaultKind, figure: number): Fault | null {
  switch (kind) {
    case "none":
      return null;
    case "down":
      return { do: kind };
    case "limit":
      return { do: kind, bytes: figure };
    case "blackhole":
      return { do: kind, closeAfterMs: figure };
    case "reset":
    case "half-open":
      return { do: kind, afterMs: figure };
  }
}
