import { Plus } from "lucide-react";
import { useRef, useState } from "react";
import { Button } from "../design/Button.tsx";
import { FilterField } from "../design/FilterField.tsx";
import { useBlankFocus } from "../design/use-blank-focus.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { matchesWords } from "../tags/tags.ts";
import { openSheet } from "../view/view-store.ts";
import { BackendTable } from "./BackendTable.tsx";

const newBackend = (): void => openSheet({ kind: "backend", id: null });

/** Every AMPS instance and how it is, endpoint by endpoint. */
export function BackendsScreen() {
  const statuses = useMirror((mirror) => mirror.backends);
  const config = useMirror((mirror) => mirror.saved?.config ?? null);
  const [text, setText] = useState("");
  const rows = statuses
    .map((status) => ({ status, config: config?.backends.find((row) => row.id === status.id) ?? null }))
    .filter(({ status, config }) =>
      matchesWords(
        text,
        [
          status.id,
          status.instanceName,
          config?.label,
          config?.environment,
          config?.note,
          config?.via,
          status.health,
          ...status.endpoints.map((endpoint) => endpoint.url),
        ],
        config?.tags ?? [],
      ),
    );
  const screen = useRef<HTMLDivElement>(null);
  useBlankFocus(screen, rows.length === 0);
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
        {rows.length > 0 ? (
          <BackendTable rows={rows} />
        ) : (
          <NothingShown isFiltered={statuses.length > 0} onShowAll={() => setText("")} />
        )}
      </div>
    </div>
  );
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
