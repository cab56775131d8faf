import { useMemo } from "react";
import { type Option, SelectField } from "../design/Field.tsx";
import type { Subject, SubjectKind } from "./subject.ts";

/** What may be chosen of one kind, each with what is said beside it. */
export interface SubjectGroup {
  readonly kind: SubjectKind;
  readonly options: readonly { readonly id: string; readonly detail?: string }[];
}

interface SubjectSelectProps {
  /** Null: whatever it is about. */
  readonly value: Subject | null;
  readonly onChange: (value: Subject | null) => void;
  /** What is said where nothing is chosen: `Everything`. */
  readonly all: string;
  /** A list that stays the same as long as nothing of it changes: a thousand are not drawn in passing. */
  readonly groups: readonly SubjectGroup[];
  readonly onOpen?: () => void;
}

const everything = ":all";
const titles = { route: "Routes", pool: "Pools", backend: "Backends", tunnel: "Tunnels" } as const;
const nouns = { route: "Route", pool: "Pool", backend: "Backend", tunnel: "Tunnel" } as const;

/** Narrows a list to what is about one thing, also about one that is gone. */
export function SubjectSelect({ value, onChange, all, groups, onOpen }: SubjectSelectProps) {
  const sections = useMemo(
    () => [
      { options: [{ id: everything, label: all }] },
      ...groups.map((group) => ({ title: titles[group.kind], options: optionsOf(group, value) })),
    ],
    [all, groups, value],
  );
  const choose = (key: string): void => {
    const [kind, id] = key.split(" ");
    onChange(key === everything ? null : { kind: kind as SubjectKind, id: id ?? "" });
  };
  return (
    <div className="toolbar-select">
      <SelectField
        label="About"
        hideLabel
        name="about"
        value={value ? keyOf(value) : everything}
        onChange={choose}
        sections={sections}
        {...(onOpen && { onOpen })}
      />
    </div>
  );
}

function optionsOf({ kind, options }: SubjectGroup, value: Subject | null): readonly Option[] {
  const isGone = value?.kind === kind && !options.some(({ id }) => id === value.id);
  const all = isGone ? [...options, { id: value.id, detail: "gone" }] : options;
  return all.map(({ id, ...rest }) => ({
    ...rest,
    id: keyOf({ kind, id }),
    label: id,
    chosen: `${nouns[kind]} ${id}`,
  }));
}

function keyOf({ kind, id }: Subject): string {
  return `${kind} ${id}`;
}
