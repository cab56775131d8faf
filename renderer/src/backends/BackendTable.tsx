import { type KeyboardEvent, useState } from "react";
import { moveInGrid } from "../design/row-keys.ts";
import { BackendRow, type ObservedBackend } from "./BackendRow.tsx";

const columns = [
  ["Health", "state"],
  ["Backend", "id"],
  ["Endpoints", "endpoints"],
  ["Through Shunt", "flow"],
  ["Its own load", "load"],
] as const;

/** The backends as a grid, in the configuration's order. */
export function BackendTable({ rows }: { readonly rows: readonly ObservedBackend[] }) {
  const [focused, setFocused] = useState<string | null>(null);
  const current = rows.some(({ status }) => status.id === focused) ? focused : rows[0]?.status.id;
  return (
    <table
      className="table backends-table"
      role="grid"
      aria-label="Backends"
      onKeyDown={(event: KeyboardEvent<HTMLTableElement>) => moveInGrid(event)}
      onFocus={(event) =>
        setFocused(
          (event.target as HTMLElement).closest<HTMLElement>("[data-row]")?.dataset["row"] ?? focused,
        )
      }
    >
      <thead>
        <tr>
          {columns.map(([title, name]) => (
            <th key={title} scope="col" data-column={name}>
              {title}
            </th>
          ))}
          <th scope="col" data-column="actions">
            <span className="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ status, config }) => (
          <BackendRow key={status.id} status={status} config={config} current={status.id === current} />
        ))}
      </tbody>
    </table>
  );
}
