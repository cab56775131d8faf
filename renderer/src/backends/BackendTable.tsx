import { useRef } from "react";
import { useRowFocus } from "../design/use-row-focus.ts";
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
  const table = useRef<HTMLTableElement>(null);
  const { current, ...focus } = useRowFocus({ keys: rows.map(({ status }) => status.id), grid: table });
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
        {rows.map(({ status, config }) => (
          <BackendRow key={status.id} status={status} config={config} current={status.id === current} />
        ))}
      </tbody>
    </table>
  );
}
