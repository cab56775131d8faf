import { useMemo } from "react";
import { type Option, SelectField } from "../design/Field.tsx";

const all = ":all";

export interface RouteSelectProps {
  /** A route's id; null: all of them. */
  readonly value: string | null;
  readonly onChange: (value: string | null) => void;
  /** A list that stays the same as long as nothing of it changes: a thousand are not drawn in passing. */
  readonly options: readonly Option[];
  readonly onOpen?: () => void;
}

/** Narrows a list to what is of one route. */
export function RouteSelect({ value, onChange, options, onOpen }: RouteSelectProps) {
  const sections = useMemo(
    () => [{ options: [{ id: all, label: "All routes" }] }, { title: "Routes", options }],
    [options],
  );
  return (
    <div className="toolbar-select">
      <SelectField
        label="Route"
        hideLabel
        name="route"
        value={value ?? all}
        onChange={(id) => onChange(id === all ? null : id)}
        sections={sections}
        {...(onOpen && { onOpen })}
      />
    </div>
  );
}
