import { Plus } from "lucide-react";
import { useState } from "react";
import { Button } from "../design/Button.tsx";
import { FilterField } from "../design/FilterField.tsx";
import { useMirror } from "../mirror/mirror-store.ts";
import { matchesWords } from "../tags/tags.ts";
import { openSheet } from "../view/view-store.ts";
import { BackendTable } from "./BackendTable.tsx";

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
  return (
    <div className="screen">
      <div className="toolbar">
        <Button look="primary" onPress={() => openSheet({ kind: "backend", id: null })}>
          <Plus aria-hidden />
          New backend
        </Button>
        <FilterField label="Filter backends" value={text} onChange={setText} />
      </div>
      <div className="screen-scroll">
        {rows.length > 0 ? (
          <BackendTable rows={rows} />
        ) : (
          <div className="blank">
            <p className="soft">
              {statuses.length > 0 ? "No backend matches the filter." : "No backends yet."}
            </p>
          </div>
        )}
      </div>
    </div>
  );
}
