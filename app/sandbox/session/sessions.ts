import type { Session } from "./session.ts";

/** The logged-on clients of one instance. No two share a name (amps-facts 8). */
export class Sessions {
  readonly #byId = new Map<number, Session>();
  readonly #onChanged: () => void;
  #ids = 0;
  #departedIn = 0;
  #departedOut = 0;

  constructor(onChanged: () => void) {
    this.#onChanged = onChanged;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Messages of all sessions so far, those that ended included. */
  get messages(): { readonly in: number; readonly out: number } {
    let messagesIn = this.#departedIn;
    let messagesOut = this.#departedOut;
    for (const session of this.#byId.values()) {
      messagesIn += session.messagesIn;
      messagesOut += session.messagesOut;
    }
    return { in: messagesIn, out: messagesOut };
  }

  nextId(): number {
    return ++this.#ids;
  }

  all(): Session[] {
    return [...this.#byId.values()];
  }

  /** Same name and same user: the older connection goes. Same name, another user: the new one is refused. */
  admit(session: Session): boolean {
    for (const other of this.all()) {
      if (other === session || other.identity?.clientName !== session.identity?.clientName) continue;
      if (other.identity?.user !== session.identity?.user) return false;
      other.end("name in use");
    }
    this.#byId.set(session.id, session);
    this.#onChanged();
    return true;
  }

  leave(session: Session): void {
    if (!this.#byId.delete(session.id)) return;
    this.#departedIn += session.messagesIn;
    this.#departedOut += session.messagesOut;
    this.#onChanged();
  }
}
