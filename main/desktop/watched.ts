/** One value that others follow. */
export interface Watched<Value> {
  get(): Value;
  /** Tells the listeners, unless nothing changed. */
  set(value: Value): void;
  onChange(listener: (value: Value) => void): void;
}

export function watched<Value>(initial: Value): Watched<Value> {
  const listeners = new Set<(value: Value) => void>();
  let value = initial;
  return {
    get: () => value,
    set(next) {
      if (next === value) return;
      value = next;
      for (const listener of listeners) listener(next);
    },
    onChange: (listener) => void listeners.add(listener),
  };
}
