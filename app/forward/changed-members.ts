/** Members that have changed since they were last taken, each once. Who goes is out at once: nothing holds on to what is over. */
export interface Changeable {
  /** Its place among those that have changed; -1 where it has not. The list's own. */
  changedAt: number;
}

export class ChangedMembers<T extends Changeable> {
  readonly #members: T[] = [];

  /** Called for every chunk that passes: where it has changed already, there is nothing to do. */
  add(member: T): void {
    if (member.changedAt >= 0) return;
    member.changedAt = this.#members.length;
    this.#members.push(member);
  }

  remove(member: T): void {
    const at = member.changedAt;
    if (at < 0) return;
    member.changedAt = -1;
    const last = this.#members.pop();
    if (last === undefined || last === member) return;
    this.#members[at] = last;
    last.changedAt = at;
  }

  /** All of them, in no order. */
  take(): T[] {
    const taken = this.#members.splice(0);
    for (const member of taken) member.changedAt = -1;
    return taken;
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#members.values();
  }
}
