import { useRef, useState } from "react";
import type { ShuntConfig } from "../../../app/contract/config.ts";
import type { Failure } from "../../../app/contract/failures.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import type { Saved } from "./tell-saved.ts";

interface SheetSaveOptions {
  /** The row being edited as a document has it, to see whether someone else changed it; undefined for a new one. */
  readonly rowOf: (config: ShuntConfig) => unknown;
  /** The document with this form's edit. */
  readonly edit: (config: ShuntConfig) => ShuntConfig;
  readonly onSaved: (saved: Saved) => void;
}

export interface SheetSave {
  readonly saving: boolean;
  /** Another save changed the same row while it was being edited. */
  readonly conflict: boolean;
  readonly failure: Failure | null;
  readonly save: (graceMs?: number) => Promise<void>;
}

/**
 * Saves a form. Its edit is laid over the newest document as long as nobody else changed the row it began from;
 * when somebody did, the first attempt says so and keeps what was typed, and the next one overwrites knowingly.
 */
export function useSheetSave({ rowOf, edit, onSaved }: SheetSaveOptions): SheetSave {
  const bridge = useBridge();
  const base = useRef(useMirror.getState().saved);
  const [saving, setSaving] = useState(false);
  const [conflict, setConflict] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  async function save(graceMs?: number): Promise<void> {
    const latest = useMirror.getState().saved;
    const began = base.current;
    if (!latest || !began) return;
    const untouched = JSON.stringify(rowOf(began.config)) === JSON.stringify(rowOf(latest.config));
    const from = untouched ? latest : began;
    setSaving(true);
    setFailure(null);
    const reply = await bridge.call("config.put", {
      config: edit(from.config),
      revision: from.revision,
      ...(graceMs !== undefined && { graceMs }),
    });
    setConflict(false);
    if (reply.ok) onSaved({ before: from.config, after: reply.value.config });
    else if (reply.failure.code === "CONFIG_CONFLICT") {
      const anew = await bridge.call("config.get", null);
      if (anew.ok) base.current = anew.value;
      setConflict(true);
    } else setFailure(reply.failure);
    setSaving(false);
  }

  return { saving, conflict, failure, save };
}
