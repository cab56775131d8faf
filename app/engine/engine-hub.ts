/** What every part of the engine has in common: the configuration in force, the book of connections, the activity, who listens. */
import { emptyConfig } from "../config/empty-config.ts";
import type { ShuntConfig } from "../contract/config.ts";
import { ConnectionRegistry } from "../forward/connection-registry.ts";
import { createActivityLog, type ActivityNote } from "./activity-log.ts";
import type { EngineEvent } from "./engine-handle.ts";

export class EngineHub {
  config: ShuntConfig = emptyConfig;
  readonly registry = new ConnectionRegistry();
  readonly activity = createActivityLog();
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  #onChanged = (): void => undefined;

  constructor() {
    this.activity.onEntries((entries) => this.emit({ type: "activity", entries }));
  }

  readonly note = (note: ActivityNote): void => this.activity.note(note);

  readonly emit = (event: EngineEvent): void => {
    for (const listener of this.#listeners) listener(event);
  };

  onEvent(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Something changed that should not wait for the next look. */
  readonly changed = (): void => this.#onChanged();

  onChanged(look: () => void): void {
    this.#onChanged = look;
  }
}
