/** A closed server leaves connections that have said no request their time for one, and no more. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { lookFirst } from "../../app/http/first-look.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { connectTcp } from "../support/tcp-client.ts";

cleanUpAfterEach();

test("behind the limit who has not said a whole request is reset, and who is being answered is not", async () => {
  const server = createServer();
  const look = lookFirst(server, "connection", () => false);
  const answers: (() => void)[] = [];
  server.on("request", (_request, response) => answers.push(() => response.end("late")));
  cleanUp(() => server.closeAllConnections());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const [silent, half] = [await connectTcp(port), await connectTcp(port)];
  const [whole, pieces] = [await connectTcp(port), await connectTcp(port)];
  half.socket.write("GET / HTTP/1.1\r\n");
  whole.socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  await until(() => answers.length === 1);
  // The last that the parser was given, and not the last that it will be asked by.
  pieces.socket.write("GET / HTTP/1.1\r\n");
  await new Promise((resolve) => setTimeout(resolve, 50));
  pieces.socket.write("Host: a\r\nConnection: close\r\n\r\n");
  await until(() => answers.length === 2);
  server.close();
  look.closeSilent(500);
  expect(await silent.ended).toBe("ECONNRESET");
  expect(await half.ended).toBe("ECONNRESET");
  for (const answer of answers) answer();
  await whole.receivedText("late");
  await pieces.receivedText("late");
});
