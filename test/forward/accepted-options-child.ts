/**
 * A program: accepts clients one after the other, and prints whether V8 made the last two sockets' copies of their options alike.
 * `prepared`: as an engine's thread begins. Wants --allow-natives-syntax.
 */
import { once } from "node:events";
import { createServer, Socket, type AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { showManyShapes } from "../../app/forward/socket-options.ts";

/** Node's copies are for the stream under the socket, which has no name in the types. */
type State = new (options: object, ...more: unknown[]) => object;
const streams = Readable as unknown as { ReadableState: State };
const copies: object[] = [];
streams.ReadableState = new Proxy(streams.ReadableState, {
  construct(target, parameters: ConstructorParameters<State>) {
    if ("handle" in parameters[0]) copies.push(parameters[0]);
    return new target(...parameters);
  },
});
// eslint-disable-next-line @typescript-eslint/no-implied-eval -- V8's own functions are no JavaScript to anybody else.
const haveSameMap = new Function("one", "other", "return %HaveSameMap(one, other)") as (
  ...objects: readonly (object | undefined)[]
) => boolean;

if (process.argv.includes("prepared")) showManyShapes();
const server = createServer({ allowHalfOpen: true, noDelay: true });
server.listen(0, "127.0.0.1");
await once(server, "listening");
for (let client = 0; client < 200; client++) {
  const socket = new Socket();
  socket.connect({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  const [accepted] = (await once(server, "connection")) as [Socket];
  accepted.destroy();
  socket.destroy();
}
server.close();
process.stdout.write(JSON.stringify({ copies: copies.length, alike: haveSameMap(...copies.slice(-2)) }));
