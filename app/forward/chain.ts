/**
 * Members in the order in which they came. A Set or Map would do, but with many that come and go V8 replaces its table every few
 * dozen additions, and each table that was replaced keeps alive what it held, and the next, until the next full collection.
 */
export interface Link<T> {
  readonly member: T;
  previous: Link<T> | null;
  next: Link<T> | null;
  isIn: boolean;
}

export class Chain<T> {
  #first: Link<T> | null = null;
  #last: Link<T> | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(member: T): Link<T> {
    const link: Link<T> = { member, previous: this.#last, next: null, isIn: true };
    if (this.#last) this.#last.next = link;
    else this.#first = link;
    this.#last = link;
    this.#size++;
    return link;
  }

  /** False where it is out already. */
  remove(link: Link<T>): boolean {
    if (!link.isIn) return false;
    const { previous, next } = link;
    if (previous) previous.next = next;
    else this.#first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    link.previous = link.next = null;
    link.isIn = false;
    this.#size--;
    return true;
  }

  /** The one that is given may be removed meanwhile; others may not. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let link = this.#first; link;) {
      const { member, next } = link;
      yield member;
      link = next;
    }
  }
}
