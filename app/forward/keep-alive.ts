/** Has the system look for peers that are gone without a word: of sockets that live. It takes four calls for each, and many are over at once. */
import type { Socket } from "node:net";
import { Chain } from "./chain.ts";

const silentMs = 30_000;
/** As native/young.c has it. */
const youngMs = 250;

/** Begun since the last look, and before. Who closes is out at once: nothing holds on to what is over. */
let young = new Chain<Socket>();
let older = new Chain<Socket>();
let timer: NodeJS.Timeout | null = null;

/** From an age of 250 to 500 ms on. */
export function keepAliveLater(socket: Socket): void {
  timer ??= setInterval(growOlder, youngMs).unref();
  const among = young;
  const link = among.add(socket);
  socket.on("close", () => among.remove(link));
}

/** At once; costs nothing where it is kept alive already. */
export function keepAlive(socket: Socket): void {
  socket.setKeepAlive(true, silentMs);
}

function growOlder(): void {
  for (const socket of older) keepAlive(socket);
  older = young;
  young = new Chain();
  if (older.size > 0 || !timer) return;
  clearInterval(timer);
  timer = null;
}
