/** Clients that do not come to the end of their ClientHello. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { RouteConfig } from "../../app/contract/config.ts";
import type { ActivityNote } from "../../app/engine/activity-log.ts";
import { ConnectionRegistry } from "../../app/forward/connection-registry.ts";
import type { Forwarding } from "../../app/forward/forwarding.ts";
import { createNameSwitch } from "../../app/forward/name-switch.ts";
import { handshakeRecord } from "../support/client-hello.ts";
import { cleanUp, cleanUpAfterEach } from "../support/running-engine.ts";
import { connectTcp } from "../support/tcp-client.ts";

cleanUpAfterEach();

const route: RouteConfig = {
  id: "ny",
  listen: "127.0.0.1:9443",
  transport: "amps",
  target: "ny",
  tlsPassthrough: true,
  serverNames: ["amps-ny.example.com"],
};

test.each([
  [
    "too slow",
    Buffer.from([22, 3, 1, 0, 200, 1]),
    "REQUEST_TIMEOUT",
    /^No TLS ClientHello arrived within 0\.2 s/,
  ],
  [
    "without end",
    Buffer.concat(
      Array.from({ length: 30_000 }, (_, at) => handshakeRecord(Buffer.from([[1, 0, 63, 255][at] ?? 0]))),
    ),
    "NOT_TLS",
    /^A TLS ClientHello was longer than 16 KB/,
  ],
  ["silent", Buffer.alloc(0), "REQUEST_TIMEOUT", /^No TLS ClientHello/],
  [
    "malformed",
    handshakeRecord(Buffer.from([1, 0, 0, 1, 0])),
    "NOT_TLS",
    /^What arrived is no TLS ClientHello/,
  ],
])("one that is %s is reset, counted and told", async (_what, bytes, code, message) => {
  const notes: ActivityNote[] = [];
  const registry = new ConnectionRegistry();
  // Nobody is reached here: what these clients need of it is the book and the activity.
  const forwarding = { registry, note: (note: ActivityNote) => notes.push(note) } as unknown as Forwarding;
  const byName = createNameSwitch(forwarding, 200);
  const names = { address: { host: "127.0.0.1", port: 9443 }, secure: false, hosts: [], origins: [] };
  byName.update({ routes: [route], shut: [], names });
  const server = createServer((client) => byName.take(client.on("error", () => undefined)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUp(() => void server.close());
  const client = await connectTcp((server.address() as AddressInfo).port);
  client.socket.write(bytes);
  expect(await client.ended).toBe("ECONNRESET");
  expect(client.bytes()).toHaveLength(0);
  expect(notes).toMatchObject([{ code, route: "ny", message: expect.stringMatching(message) }]);
  expect(registry.totals().routes.get("ny")?.connections).toEqual({ open: 0, total: 0, refused: 1 });
});
