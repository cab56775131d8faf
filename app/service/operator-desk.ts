/** The commands about what the operator was asked. No secret passes here: only which ones are kept. */
import type { CommandHandlers } from "../contract/commands.ts";
import type { KeptSecret } from "../contract/questions.ts";
import type { EngineHandle } from "../engine/engine-handle.ts";
import { accept, refuse } from "../failures.ts";

/** Puts the engine's questions to the operator, in windows that no UI reaches. */
export interface OperatorDesk {
  kept(): readonly KeptSecret[];
  forget(tunnel: string): Promise<void>;
  onKept(listener: (kept: readonly KeptSecret[]) => void): void;
  /** Brings the question about a tunnel forward; false where there is none. */
  show(tunnel: string): boolean;
}

export function secretHandlers(
  engine: Pick<EngineHandle, "forgetSecrets" | "note">,
  desk: OperatorDesk | undefined,
): Pick<CommandHandlers, "tunnel.answer" | "secrets.list" | "secrets.forget"> {
  return {
    "tunnel.answer": async ({ id }) => {
      if (!desk)
        return refuse("NOT_POSSIBLE_HERE", "Nobody is asked here: secrets come from the environment.");
      return desk.show(id)
        ? accept(null)
        : refuse("NOT_FOUND", `Nothing is asked for tunnel ${id} just now.`);
    },
    "secrets.list": async () => accept(desk?.kept() ?? []),
    "secrets.forget": async ({ tunnel }) => {
      await desk?.forget(tunnel);
      await engine.forgetSecrets(tunnel);
      await engine.note({
        event: "secrets-forgotten",
        severity: "info",
        tunnel,
        message: `The secrets of tunnel ${tunnel} were forgotten by the operator.`,
      });
      return accept(desk?.kept() ?? []);
    },
  };
}
