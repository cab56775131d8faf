/** A closed server leaves connections that have said no request their time for one, and no more. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { lookFirst } from "../../app/http/first-look.ts";
import { cleanUp, cleanUpAfterEach } from "../support/running-engine.ts";
import { connectTcp } from "../support/tcp-client.ts";

cleanUpAfterEach();

test("behind the limit who has not said a whole request is reset, and who is being answered is not", async () => {
  const server = createServer();
  const look = lookFirst(server, "connection", () => false);
  const asked = new Promise<() => void>((resolve) =>
    server.on("request", (_request, response) => resolve(() => response.end("late"))),
  );
  cleanUp(() => server.closeAllConnections());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const [silent, half, whole] = [await connectTcp(port), await connectTcp(port), await connectTcp(port)];
  half.socket.write("GET / HTTP/1.1\r\n");
  whole.socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const answer = await asked;
  server.close();
  look.closeSilent(500);
  expect(await silent.ended).toBe("ECONNRESET");
  expect(await half.ended).toBe("ECONNRESET");
  answer();
  await whole.receivedText("late");
});
