import { useState } from "react";

export interface Touched {
  /** The problem of a field, once the operator has been there or has tried to save. */
  readonly errorOf: (name: string) => string | undefined;
  readonly touch: (name: string) => void;
  /** True once every problem is shown. */
  readonly all: boolean;
  /** Shows every problem and goes to the first field that has one. */
  readonly showAll: (found: ReadonlyMap<string, string>) => void;
}

/** Keeps a form from complaining about fields that nobody has filled in yet. */
export function useTouched(problems: ReadonlyMap<string, string>): Touched {
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [all, setAll] = useState(false);
  return {
    errorOf: (name) => (all || touched.has(name) ? problems.get(name) : undefined),
    touch: (name) => setTouched((before) => (before.has(name) ? before : new Set([...before, name]))),
    all,
    showAll(found) {
      setAll(true);
      const fields = [...document.querySelectorAll<HTMLElement>(".sheet [data-field]")];
      fields.find((field) => found.has(field.dataset["field"] ?? ""))?.focus();
    },
  };
}
