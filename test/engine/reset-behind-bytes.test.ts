/** A reset that follows bytes at once must not reach the other side as a clean end (reliability F2, I2). */
import { expect, test } from "vitest";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { connectTcp, patternBytes } from "../support/tcp-client.ts";

cleanUpAfterEach();

test("a backend that sends and resets in one breath is told as broken, 50 times of 50", async () => {
  const bytes = patternBytes(300_000);
  const backend = await startTcpBackend({
    onConnection: (socket) => socket.once("data", () => socket.write(bytes, () => socket.resetAndDestroy())),
  });
  cleanUp(() => backend.close());
  const port = await freePort();
  const { activity } = await runEngine({
    version: 1,
    backends: [{ id: "b", replication: `tcp://127.0.0.1:${backend.port}` }],
    routes: [{ id: "r", listen: port, transport: "replication", target: "b" }],
  });
  for (let round = 0; round < 50; round++) {
    const client = await connectTcp(port);
    client.socket.write("go");
    await client.ended;
    expect(bytes.subarray(0, client.bytes().length).equals(client.bytes())).toBe(true);
  }
  const failed = await until(async () => {
    const told = (await activity()).filter(({ event }) => event === "connection-failed");
    return told.reduce((sum, { count = 1 }) => sum + count, 0) >= 50 ? told : null;
  });
  expect(failed.every(({ code }) => code === "BACKEND_RESET")).toBe(true);
});
