import { useEffect, useState } from "react";
import type { Reply } from "../../../app/contract/commands.ts";
import type { ExportPreview, ExportRequest } from "../../../app/contract/export.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { useMirror } from "../mirror/mirror-store.ts";

const pauseMs = 250;

/** The export of the saved configuration, made anew when it or the request changes; null until the first answer. */
export function useExport({ format, publicHost, annotate }: ExportRequest): Reply<ExportPreview> | null {
  const bridge = useBridge();
  const revision = useMirror((mirror) => mirror.saved?.revision);
  const [reply, setReply] = useState<{ readonly of: string; readonly reply: Reply<ExportPreview> } | null>(
    null,
  );
  useEffect(() => {
    let open = true;
    const fetchExport = async (): Promise<void> => {
      const answer = await bridge.call("export.preview", {
        format,
        ...(publicHost && { publicHost }),
        ...(annotate && { annotate }),
      });
      if (open) setReply({ of: format, reply: answer });
    };
    const timer = setTimeout(() => void fetchExport(), pauseMs);
    return () => {
      open = false;
      clearTimeout(timer);
    };
  }, [bridge, revision, format, publicHost, annotate]);
  // One format's answer is not shown under another's name.
  return reply?.of === format ? reply.reply : null;
}
