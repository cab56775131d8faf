/** A proxy's password: asked once, shown by one connection at a time until it is right, and never a fourth time. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import {
  environmentSecrets,
  type SecretRequest,
  type SecretSource,
} from "../../app/tunnels/secret-source.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { secretOf } from "../support/suite-secrets.ts";
import { openTunnelSet } from "../support/tunnel-set.ts";

cleanUpAfterEach();

const target = { host: "far.internal", port: 9007 };
const right = secretOf("CONNECT password");
const wrong = secretOf("CONNECT password", "wrong");
const newer = secretOf("CONNECT password", "newer");

/** A CONNECT proxy that notes every password it is shown. */
async function startProxy(first: string) {
  let wanted = first;
  const shown: string[] = [];
  const server = createServer();
  server.on("connect", (request, socket) => {
    const [, basic = ""] = (request.headers["proxy-authorization"] ?? "").split(" ");
    const password = Buffer.from(basic, "base64").toString().replace(/^ops:/, "");
    shown.push(password);
    if (password === wanted) socket.write("HTTP/1.1 200 OK\r\n\r\n");
    else socket.end('HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n');
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => void (server.close(), server.closeAllConnections()));
  const change = (next: string) => void (wanted = next);
  return { shown, change, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function openTunnel(address: string, secrets: SecretSource) {
  const set = openTunnelSet({ secrets }, [{ id: "corp", type: "http-connect", address, user: "ops" }]);
  const open = async (timeoutMs = 10_000) => {
    const reply = await set.openTcp(target, "corp", { timeoutMs });
    if (reply.ok) reply.value.destroy();
    return reply.ok ? null : reply.failure.code;
  };
  return { set, open };
}

/** An operator who gives these passwords in turn, when told to. */
function operator(...given: (string | null)[]) {
  const asked: SecretRequest[] = [];
  const waiting: (() => void)[] = [];
  const secrets: SecretSource = Object.assign(
    (request: SecretRequest) => {
      asked.push(request);
      return new Promise<string | null>((resolve) => {
        waiting.push(() => resolve(given.shift() ?? null));
        request.signal?.addEventListener("abort", () => resolve(null));
      });
    },
    { asksOperator: true },
  );
  return { secrets, asked, answer: () => waiting.shift()?.() };
}

test("twenty clients at once show a wrong password once, and the next only after it was asked for", async () => {
  const proxy = await startProxy(right);
  const { secrets, asked, answer } = operator(wrong, right);
  const { open, set } = openTunnel(proxy.address, secrets);
  const all = Promise.all(Array.from({ length: 20 }, () => open()));
  await until(() => asked.length === 1);
  expect(set.status("corp")).toMatchObject({
    state: "connecting",
    question: `the password of ops@${proxy.address}`,
  });
  answer();
  await until(() => asked.length === 2);
  expect(asked[1]?.refused).toBe(true);
  expect(proxy.shown).toEqual([wrong]);
  answer();
  const codes = await all;
  expect(codes.filter((code) => code !== null)).toEqual(["TUNNEL_AUTH_FAILED"]);
  expect(asked).toHaveLength(2);
  expect(set.status("corp")).toMatchObject({ state: "up", question: null, stopped: false });
});

test("three refusals are the last, until the operator tries again; headless names the variable", async () => {
  const proxy = await startProxy(right);
  const env = { SHUNT_SECRET_CORP: secretOf("environment secret") };
  const { open, set } = openTunnel(proxy.address, environmentSecrets(env));
  for (let times = 0; times < 6; times++) expect(await open()).toBe("TUNNEL_AUTH_FAILED");
  expect(proxy.shown).toEqual(Array(3).fill(secretOf("environment secret")));
  expect(set.status("corp")).toMatchObject({
    state: "down",
    stopped: true,
    reason: expect.stringContaining("No further attempt is made after 3 refused log-ons"),
    failure: { advice: expect.stringContaining("SHUNT_SECRET_CORP") },
  });
  env.SHUNT_SECRET_CORP = right;
  expect((await set.retry("corp")).ok).toBe(true);
  expect(await open()).toBeNull();
});

test("a password that is no longer right counts once, however many clients hear so at once", async () => {
  const proxy = await startProxy(right);
  const { secrets, asked, answer } = operator(right, newer);
  const { open, set } = openTunnel(proxy.address, secrets);
  const first = open();
  await until(() => asked.length === 1);
  answer();
  expect(await first).toBeNull();
  proxy.change(newer);
  const codes = await Promise.all(Array.from({ length: 8 }, () => open()));
  expect(new Set(codes)).toEqual(new Set(["TUNNEL_AUTH_FAILED"]));
  expect(set.status("corp").stopped).toBe(false);
  const next = open();
  await until(() => asked.length === 2);
  expect(asked[1]?.refused).toBe(true);
  answer();
  expect(await next).toBeNull();
});

test("clients are told that an answer is awaited; who declines is not asked again by the next client", async () => {
  const proxy = await startProxy(right);
  const { secrets, asked, answer } = operator(null, right);
  const { open, set } = openTunnel(proxy.address, secrets);
  expect(await open(100)).toBe("TUNNEL_WAITS_FOR_ANSWER");
  expect(set.status("corp").question).not.toBeNull();
  answer();
  await until(() => set.status("corp").stopped);
  expect(await open()).toBe("TUNNEL_SECRET_MISSING");
  expect(asked).toHaveLength(1);
  await set.retry("corp");
  const third = open();
  await until(() => asked.length === 2);
  answer();
  expect(await third).toBeNull();
});

test("stopping withdraws the question, and nothing was shown to the proxy", async () => {
  const proxy = await startProxy(right);
  const { secrets, asked } = operator();
  const { open, set } = openTunnel(proxy.address, secrets);
  const reply = open();
  await until(() => asked.length === 1);
  set.stop("corp");
  expect(await reply).toBe("TUNNEL_STOPPED");
  expect(set.status("corp")).toMatchObject({ state: "down", stopped: true, question: null });
  expect(proxy.shown).toEqual([]);
});

test("after a sleep a proxy that is gone is found to be down, and one that is back is no longer", async () => {
  const proxy = await startProxy(right);
  const { set, open } = openTunnel(proxy.address, async () => right);
  expect(await open()).toBeNull();
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
  const address = `127.0.0.1:${(gone.address() as AddressInfo).port}`;
  await new Promise((resolve) => gone.close(resolve));
  set.update([{ id: "corp", type: "http-connect", address, user: "ops" }]);
  expect(await open()).toBe("TUNNEL_UNREACHABLE");
  const back = createServer();
  await new Promise<void>((resolve) => back.listen(Number(address.split(":")[1]), "127.0.0.1", resolve));
  cleanUp(() => void back.close());
  set.wake();
  await until(() => set.status("corp").state === "unknown");
  back.closeAllConnections();
  await new Promise((resolve) => back.close(resolve));
});
