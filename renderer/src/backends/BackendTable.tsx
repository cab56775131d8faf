import { memo, useRef } from "react";
import type { BackendConfig } from "../../../app/contract/config.ts";
import { useRowFocus } from "../design/use-row-focus.ts";
import { BackendRow } from "./BackendRow.tsx";

const columns = [
  ["Health", "state"],
  ["Backend", "id"],
  ["Endpoints", "endpoints"],
  ["Through Shunt", "flow"],
  ["Its own load", "load"],
] as const;

interface BackendTableProps {
  readonly ids: readonly string[];
  readonly configured: ReadonlyMap<string, BackendConfig>;
}

/** The backends as a grid, in the configuration's order. */
export const BackendTable = memo(function BackendTable({ ids, configured }: BackendTableProps) {
  const table = useRef<HTMLTableElement>(null);
  const { current, ...focus } = useRowFocus({ keys: ids, grid: table });
  return (
    <table ref={table} className="table backends-table" role="grid" aria-label="Backends" {...focus}>
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
        {ids.map((id) => (
          <BackendRow key={id} id={id} config={configured.get(id) ?? null} current={id === current} />
        ))}
      </tbody>
    </table>
  );
});
