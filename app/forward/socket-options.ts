/**
 * Makes sockets with options cheap to make. Node copies them (`{ ...options }` in `Socket`, lib/net.js) and adds to the copy. As long as V8 knows
 * that copy from one shape of object, each copy gets a hidden class of its own, and whoever reads it has to look every property
 * up anew: 7 µs for every client that is accepted, 0.7 once there were many shapes (decision 97).
 */
import { Socket, type SocketConstructorOpts } from "node:net";

/** V8 learns from what is called often enough: some thirty times. */
const times = 64;
const shapes = 8;

let isDone = false;

/** Once for each thread: 2 ms. */
export function showManyShapes(): void {
  if (isDone) return;
  isDone = true;
  for (let time = 0; time < times; time++) {
    const options: SocketConstructorOpts & Record<string, unknown> = { [`shape${time % shapes}`]: true };
    new Socket(options).destroy();
  }
}
