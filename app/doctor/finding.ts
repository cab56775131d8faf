import type { ExaminationStep } from "../contract/examination.ts";

/** What asking one hop gave. */
export type Finding = Pick<ExaminationStep, "outcome" | "finding" | "advice">;
