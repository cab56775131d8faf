import { Plus } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import type { BackendConfig } from "../../../app/contract/config.ts";
import type { BackendStatus } from "../../../app/contract/snapshot.ts";
import { Button } from "../design/Button.tsx";
import { FilterField } from "../design/FilterField.tsx";
import { useBlankFocus } from "../design/use-blank-focus.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { useMirrored } from "../mirror/use-mirrored.ts";
import { matchesWords } from "../tags/tags.ts";
import { openSheet } from "../view/view-store.ts";
import { BackendTable } from "./BackendTable.tsx";

const newBackend = (): void => openSheet({ kind: "backend", id: null });

/** Every AMPS instance and how it is, endpoint by endpoint. */
export function BackendsScreen() {
  const config = useMirror((mirror) => mirror.saved?.config ?? null);
  const configured = useMemo(() => new Map(config?.backends.map((row) => [row.id, row])), [config]);
  const [text, setText] = useState("");
  const { ids, hasAny } = useMirrored(({ backends }) => ({
    ids: backends.filter((row) => isShown(text, row, configured.get(row.id))).map(({ id }) => id),
    hasAny: backends.length > 0,
  }));
  const screen = useRef<HTMLDivElement>(null);
  useBlankFocus(screen, ids.length === 0);
  return (
    <div className="screen" ref={screen}>
      <div className="toolbar">
        <Button look="primary" onPress={newBackend}>
          <Plus aria-hidden />
          New backend
        </Button>
        <FilterField label="Filter backends" value={text} onChange={setText} />
      </div>
      <div className="screen-scroll">
        {ids.length > 0 ? (
          <BackendTable ids={ids} configured={configured} />
        ) : (
          <NothingShown isFiltered={hasAny} onShowAll={() => setText("")} />
        )}
      </div>
    </div>
  );
}

function isShown(text: string, status: BackendStatus, config: BackendConfig | undefined): boolean {
  const { id, instanceName, health, endpoints } = status;
  const words = [id, instanceName, config?.label, config?.environment, config?.note, config?.via, health];
  return matchesWords(text, [...words, ...endpoints.map(({ url }) => url)], config?.tags ?? []);
}

interface NothingShownProps {
  readonly isFiltered: boolean;
  readonly onShowAll: () => void;
}

function NothingShown({ isFiltered, onShowAll }: NothingShownProps) {
  if (isFiltered)
    return (
      <div className="blank">
        <p className="soft">No backend matches the filter.</p>
        <Button onPress={onShowAll}>Show all backends</Button>
      </div>
    );
  return (
    <div className="blank">
      <h2>No backends yet</h2>
      <p className="soft">A backend is one AMPS instance: the addresses at which it is reached.</p>
      <Button look="primary" onPress={newBackend}>
        Add your first backend
      </Button>
    </div>
  );
}
