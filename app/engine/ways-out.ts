/** How backends are reached: from this machine or through tunnels, with whatever has to be asked on the way. */
import type { EngineOptions } from "./engine-options.ts";
import type { EngineHub } from "./engine-hub.ts";
import { Examinations } from "../doctor/examinations.ts";
import { QuestionDesk } from "../tunnels/question-desk.ts";
import { environmentSecrets } from "../tunnels/secret-source.ts";
import { TunnelSet } from "../tunnels/tunnel-set.ts";

export type WaysOut = ReturnType<typeof createWaysOut>;

export function createWaysOut({ note, emit, changed }: EngineHub, options: EngineOptions) {
  const questions = new QuestionDesk({
    environment: environmentSecrets(),
    onChange: (open) => emit({ type: "questions", questions: open }),
  });
  const asked = options.asksOperator ? { secrets: questions.secrets, askHostKey: questions.hostKey } : {};
  const tunnels = new TunnelSet({ ...asked, ...options.tunnels }, { note, onChange: changed });
  return {
    questions,
    tunnels,
    examinations: new Examinations(tunnels, emit),
    openTcp: options.openTcp ?? tunnels.openTcp,
  };
}
