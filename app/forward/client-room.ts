/** Who has how many clients, and how many there may be: in memory that the native addon shares (native/door.h, `room`). */
export class ClientRoom {
  readonly words = Int32Array.of(-1, 0, 0, 0);

  /** Null: as many as come. */
  get most(): number | null {
    const most = this.words[0] ?? -1;
    return most < 0 ? null : most;
  }

  set most(most: number | null) {
    this.words[0] = most ?? -1;
  }

  get isFull(): boolean {
    const [, sockets = 0, joined = 0, inDoors = 0] = this.words;
    return this.most !== null && sockets + joined + inDoors >= this.most;
  }

  /** Clients that have left Node's sockets for another mover. */
  get joined(): number {
    return this.words[2] ?? 0;
  }

  countSocket(change: 1 | -1): void {
    this.words[1] = (this.words[1] ?? 0) + change;
  }

  countJoined(change: 1 | -1): void {
    this.words[2] = this.joined + change;
  }
}
