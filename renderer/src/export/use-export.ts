import { useEffect, useState } from "react";
import type { Reply } from "../../../app/contract/commands.ts";
import type { ExportPreview, ExportRequest } from "../../../app/contract/export.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { newRun } from "../design/new-run.ts";
import { useMirror } from "../mirror/mirror-store.ts";

const pauseMs = 250;

interface ExportState {
  /** Null until the first answer. */
  readonly reply: Reply<ExportPreview> | null;
  /** Since when one is being made, in milliseconds of the clock; null while none is. */
  readonly sinceMs: number | null;
  readonly stop: () => void;
  readonly again: () => void;
}

interface Work {
  readonly run: string;
  readonly sinceMs: number;
}

/** The export of the saved configuration, made anew when it or the request changes; one that is no longer wanted is stopped. */
export function useExport({ format, publicHost, annotate }: ExportRequest): ExportState {
  const bridge = useBridge();
  const revision = useMirror((mirror) => mirror.saved?.revision);
  const [turn, setTurn] = useState(0);
  const [work, setWork] = useState<Work | null>(null);
  const [reply, setReply] = useState<{ readonly of: string; readonly reply: Reply<ExportPreview> } | null>(
    null,
  );
  useEffect(() => {
    const run = newRun("export");
    let asked = false;
    let over = false;
    const fetchExport = async (): Promise<void> => {
      asked = true;
      setWork({ run, sinceMs: Date.now() });
      const answer = await bridge.call("export.preview", {
        format,
        run,
        ...(publicHost && { publicHost }),
        ...(annotate && { annotate }),
      });
      if (over) return;
      asked = false;
      setWork(null);
      setReply({ of: format, reply: answer });
    };
    const timer = setTimeout(() => void fetchExport(), pauseMs);
    return () => {
      clearTimeout(timer);
      over = true;
      if (asked) void bridge.call("export.stop", { run });
    };
  }, [bridge, revision, format, publicHost, annotate, turn]);
  return {
    // One format's answer is not shown under another's name.
    reply: reply?.of === format ? reply.reply : null,
    sinceMs: work?.sinceMs ?? null,
    stop: () => void (work && bridge.call("export.stop", { run: work.run })),
    again: () => setTurn(turn + 1),
  };
}
