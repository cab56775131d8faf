import { useEffect, useState } from "react";
import type { ConfigProblem, ShuntConfig } from "../../../app/contract/config.ts";
import { useBridge } from "../bridge/bridge-context.ts";

const pauseMs = 150;

export interface DraftCheck {
  readonly problems: readonly ConfigProblem[];
  /** False while what was typed last has not been answered yet. */
  readonly current: boolean;
}

/** Has the engine validate a document while it is being typed, a moment after the last key. */
export function useDraftCheck(document: ShuntConfig): DraftCheck {
  const bridge = useBridge();
  const text = JSON.stringify(document);
  const [checked, setChecked] = useState<{
    readonly text: string;
    readonly problems: readonly ConfigProblem[];
  }>({
    text: "",
    problems: [],
  });
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(async () => {
      const reply = await bridge.call("config.check", { config: JSON.parse(text) as unknown });
      if (wanted && reply.ok) setChecked({ text, problems: reply.value });
    }, pauseMs);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [bridge, text]);
  return { problems: checked.problems, current: checked.text === text };
}
