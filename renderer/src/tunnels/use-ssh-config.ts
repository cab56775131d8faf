import { useEffect, useState } from "react";
import type { ImportPreview } from "../../../app/contract/import.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { useMirror } from "../mirror/mirror-store.ts";

const refreshMs = 3_000;
const nothing: ImportPreview = { items: [], notUnderstood: [] };

/**
 * What ~/.ssh/config of Shunt's machine would give, asked anew while it is looked at: the file, and those that it includes,
 * are edited elsewhere. A file that is not there or cannot be read gives nothing.
 */
export function useSshConfig(): ImportPreview {
  const bridge = useBridge();
  const revision = useMirror((mirror) => mirror.saved?.revision);
  const [preview, setPreview] = useState(nothing);
  useEffect(() => {
    let open = true;
    const ask = async (): Promise<void> => {
      if (document.hidden) return;
      const reply = await bridge.call("import.preview", {
        source: "ssh-config",
        text: null,
        optional: true,
      });
      if (!open) return;
      const now = reply.ok ? reply.value : nothing;
      setPreview((before) => (JSON.stringify(before) === JSON.stringify(now) ? before : now));
    };
    void ask();
    const timer = setInterval(() => void ask(), refreshMs);
    return () => {
      open = false;
      clearInterval(timer);
    };
  }, [bridge, revision]);
  return preview;
}
