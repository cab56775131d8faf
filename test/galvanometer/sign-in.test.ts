/** Sign-in that belongs to a connection passes through the forward proxy, as NTLM and Negotiate need it. */
import { expect, test } from "vitest";
import { authenticateMessage, negotiateMessage, startNtlmInstance } from "../support/ntlm-instance.ts";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { connectTcp } from "../support/tcp-client.ts";
import { credential, openFirst, readProxyAnswer, runNamedSandbox } from "./named-sandbox.ts";

cleanUpAfterEach();

test("three legs of NTLM run on one upstream connection, and another client's connection is not signed in by them", async () => {
  const sandbox = await runNamedSandbox();
  const instance = await startNtlmInstance("desk-1");
  sandbox.names.set("amps-a.internal:8085", instance.port);
  const opened = await openFirst(sandbox);
  const connect = async () => {
    const { socket } = await connectTcp(opened.proxyPort);
    let text = "";
    socket.on("data", (chunk) => (text += String(chunk)));
    return async (authorization?: Buffer) => {
      text = "";
      const given = authorization ? `Authorization: NTLM ${authorization.toString("base64")}\r\n` : "";
      socket.write(`GET ${opened.address} HTTP/1.1\r\nHost: x\r\n${credential(opened)}\r\n${given}\r\n`);
      await expect.poll(() => text, { timeout: 10_000 }).toMatch(/\r\n\r\n.*(signed in|$)/s);
      return readProxyAnswer(text);
    };
  };
  const [mine, other] = [await connect(), await connect()];
  expect((await mine()).head).toMatch(/www-authenticate: NTLM\r?$/im);
  expect((await mine(negotiateMessage())).head).toMatch(/www-authenticate: NTLM \S+/i);
  // In between, somebody else speaks to the same instance.
  expect((await other()).status).toBe(401);
  expect((await mine(authenticateMessage("desk-1"))).body).toContain("signed in as desk-1");
  expect((await mine()).status).toBe(200);
  expect((await other()).status).toBe(401);
  // An answer to a challenge that this connection never got proves nothing.
  expect((await other(authenticateMessage("desk-1"))).status).toBe(401);
});
