import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { expect, test } from "vitest";
import { resetSocket } from "../../app/forward/reset.ts";
import { cleanUp, cleanUpAfterEach } from "../support/running-engine.ts";

cleanUpAfterEach();

/** A connected pair; `heard` is what the peer is told of the end. */
async function pair(): Promise<{ readonly client: Socket; readonly peer: Socket; readonly heard: string[] }> {
  const heard: string[] = [];
  const server = createServer({ allowHalfOpen: true });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const client = connect({
    port: (server.address() as AddressInfo).port,
    host: "127.0.0.1",
    allowHalfOpen: true,
  });
  client.on("error", () => undefined);
  const connected = new Promise<void>((resolve) => client.once("connect", () => resolve()));
  const [peer] = await Promise.all([accepted, connected]);
  peer.on("error", (error: NodeJS.ErrnoException) => heard.push(error.code ?? ""));
  peer.on("end", () => heard.push("end"));
  cleanUp(() => {
    client.destroy();
    peer.destroy();
    server.close();
  });
  return { client, peer, heard };
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

test("the peer sees a reset, and no clean end", async () => {
  const { client, peer, heard } = await pair();
  peer.resume();
  resetSocket(client);
  await Promise.all([closed(client), closed(peer)]);
  expect(heard).toEqual(["ECONNRESET"]);
});

test("a peer that has stopped reading is reset at once, whatever is still to be written", async () => {
  const { client, peer } = await pair();
  peer.pause();
  while (client.write(Buffer.alloc(1 << 20)));
  client.end(Buffer.alloc(1 << 20));
  const begun = performance.now();
  resetSocket(client);
  await closed(client);
  expect(performance.now() - begun).toBeLessThan(500);
});

test("a socket whose own end has just been said is closed too, and not lost", async () => {
  for (let round = 0; round < 20; round++) {
    const { client, peer } = await pair();
    peer.resume();
    client.end();
    resetSocket(client);
    await closed(client);
    peer.destroy();
  }
});

test("resetting twice, or what has closed already, does nothing more", async () => {
  const { client, peer, heard } = await pair();
  peer.resume();
  resetSocket(client);
  resetSocket(client);
  await Promise.all([closed(client), closed(peer)]);
  resetSocket(client);
  expect(heard).toEqual(["ECONNRESET"]);
});
