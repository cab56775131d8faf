/** A kept connection serves one request after another, also where it is no socket of Node's own. */
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { PinnedAgent } from "../../app/http/pinned-agent.ts";
import { startHttpBackend } from "../support/http-backend.ts";
import { cleanUp, cleanUpAfterEach } from "../support/running-engine.ts";

cleanUpAfterEach();

/** What a channel of a tunnel is to an agent: a stream, and nothing that only sockets have. */
function plainStream(socket: Socket): Duplex {
  const { readable, writable } = Duplex.toWeb(socket);
  return Object.assign(Duplex.fromWeb({ readable, writable }), { setTimeout: () => undefined });
}

test.each([
  ["a socket", (socket: Socket): Duplex => socket],
  ["a stream", plainStream],
])("over %s", async (_name, make) => {
  const backend = await startHttpBackend();
  cleanUp(() => backend.close());
  const agent = new PinnedAgent(() => Promise.resolve(make(connect(backend.port, "127.0.0.1"))));
  cleanUp(() => agent.destroy());
  const once = () =>
    new Promise<boolean>((resolve, reject) => {
      const sent = request({ agent, path: "/a" }, (answer) => {
        answer.resume();
        answer.on("end", () => setImmediate(() => resolve(sent.reusedSocket)));
      });
      sent.on("error", reject);
      sent.end();
    });
  expect([await once(), await once(), await once()]).toEqual([false, true, true]);
});
