import { useCallback, useEffect, useRef, useState } from "react";
import type { ConfigProblem, ShuntConfig } from "../../../app/contract/config.ts";
import { useBridge } from "../bridge/bridge-context.ts";

const pauseMs = 150;

interface DraftCheck {
  /** Of the document as it was last checked: a moment ago. */
  readonly problems: readonly ConfigProblem[];
  /** Checks the document as it is now. */
  readonly checkNow: () => Promise<readonly ConfigProblem[]>;
}

/** Has the engine validate a document while it is being typed, a moment after the last key. */
export function useDraftCheck(document: ShuntConfig): DraftCheck {
  const bridge = useBridge();
  const text = JSON.stringify(document);
  const latest = useRef(text);
  const [problems, setProblems] = useState<readonly ConfigProblem[]>([]);
  const check = useCallback(
    async (checked: string): Promise<readonly ConfigProblem[]> => {
      const reply = await bridge.call("config.check", { config: JSON.parse(checked) as unknown });
      // Without an answer the save itself will say what is wrong.
      if (!reply.ok) return [];
      if (checked === latest.current) setProblems(reply.value);
      return reply.value;
    },
    [bridge],
  );
  useEffect(() => {
    latest.current = text;
    const timer = setTimeout(() => void check(text), pauseMs);
    return () => clearTimeout(timer);
  }, [check, text]);
  return { problems, checkNow: () => check(text) };
}
