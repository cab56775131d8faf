import type { ImportItem, ImportPreview } from "../../../app/contract/import.ts";
import { useState } from "react";
import { CheckField } from "../design/Field.tsx";
import { formatCount } from "../design/format.ts";
import { MoreButton, pageLength } from "../design/MoreButton.tsx";

interface ImportItemsProps {
  readonly preview: ImportPreview;
  readonly chosen: ReadonlySet<string>;
  readonly onToggle: (key: string, on: boolean) => void;
}

const groups = [
  { kind: "tunnel", title: "Tunnels" },
  { kind: "backend", title: "Backends" },
  { kind: "pool", title: "Pools" },
  { kind: "route", title: "Routes" },
] as const;

/** What was found, to choose from, and what was not understood. */
export function ImportItems({ preview, chosen, onToggle }: ImportItemsProps) {
  const { items, notUnderstood } = preview;
  return (
    <>
      {items.length === 0 && <p className="soft">Nothing was found that Shunt could take over.</p>}
      {groups.map(({ kind, title }) => {
        const rows = items.filter((item) => item.kind === kind);
        if (rows.length === 0) return null;
        return <ItemGroup key={kind} title={title} rows={rows} chosen={chosen} onToggle={onToggle} />;
      })}
      {notUnderstood.length > 0 && (
        <section className="import-left-out" aria-label="Left out">
          <h3>Left out</h3>
          <ul>
            {notUnderstood.map(({ where, what }) => (
              <li key={`${where} ${what}`}>
                <strong>{where}</strong>: {what}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

interface ItemGroupProps extends Omit<ImportItemsProps, "preview"> {
  readonly title: string;
  readonly rows: readonly ImportItem[];
}

function ItemGroup({ title, rows, chosen, onToggle }: ItemGroupProps) {
  const [shownCount, setShownCount] = useState(pageLength);
  return (
    <fieldset className="inset import-group">
      <legend>
        {title} {rows.length > pageLength && <span className="soft">{formatCount(rows.length)}</span>}
      </legend>
      {rows.slice(0, shownCount).map((item) => (
        <ItemRow key={item.key} item={item} isChosen={chosen.has(item.key)} onToggle={onToggle} />
      ))}
      {rows.length > shownCount && (
        <MoreButton left={rows.length - shownCount} onMore={() => setShownCount(shownCount + pageLength)} />
      )}
    </fieldset>
  );
}

interface ItemRowProps {
  readonly item: ImportItem;
  readonly isChosen: boolean;
  readonly onToggle: (key: string, on: boolean) => void;
}

function ItemRow({ item, isChosen, onToggle }: ItemRowProps) {
  const { key, row, status, origin, note } = item;
  const about = (
    <span className="import-item">
      <span>
        <code>{row.id}</code> <span className="soft">{summaryOf(item)}</span>
        {status !== "new" && <span className="import-status"> {statusWords[status]}</span>}
      </span>
      <span className="faint">{origin}</span>
      {note !== null && <span className="soft">{note}</span>}
    </span>
  );
  // What is there already is no choice.
  if (status === "known") return <div className="import-known">{about}</div>;
  return (
    <CheckField isSelected={isChosen} onChange={(on) => onToggle(key, on)}>
      {about}
    </CheckField>
  );
}

const statusWords = { known: "there already", changed: "gets more" } as const;

function summaryOf(item: ImportItem): string {
  switch (item.kind) {
    case "tunnel":
      return `${item.row.type} ${item.row.address}`;
    case "backend": {
      const { amps, websocket, admin, replication, via } = item.row;
      const urls = [amps, websocket, admin, replication].filter((url) => url !== undefined);
      return `${urls.join(", ")}${via === undefined ? "" : ` via ${via}`}`;
    }
    case "pool":
      return item.row.members.join(", ");
    case "route": {
      const { listen, path, transport, target, tlsPassthrough, serverNames } = item.row;
      const names = serverNames ? ` for ${serverNames.join(", ")}` : "";
      return `${listen}${path ?? ""}${names} → ${target}${transport ? ` (${transport}${tlsPassthrough ? ", TLS passed through" : ""})` : ""}`;
    }
  }
}
