/** Host keys are judged before any credential leaves; log-ons by every method; refusals that stop in time. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { TunnelConfig } from "../../../app/contract/config.ts";
import type { SecretRequest, SecretSource } from "../../../app/tunnels/secret-source.ts";
import type { HostKeyAnswer, HostKeyFacts } from "../../../app/contract/questions.ts";
import type { TunnelSet, TunnelOptions } from "../../../app/tunnels/tunnel-set.ts";
import { available } from "../../support/available.ts";
import { startEchoBackend } from "../../support/echo-backend.ts";
import { startFakeSshServer, type FakeSshServer } from "../../support/fake-ssh-server.ts";
import { cleanUpAfterEach, until } from "../../support/running-engine.ts";
import { makeSshHome, startSshServer, type SshHome } from "../../support/ssh-server.ts";
import { secretOf } from "../../support/suite-secrets.ts";
import { openTunnelSet } from "../../support/tunnel-set.ts";

cleanUpAfterEach();

const target = { host: "127.0.0.1", port: 9007 };
const rightPassword = secretOf("SSH password");
const rightPassphrase = secretOf("passphrase");
const code = secretOf("one-time code");

function openTunnels(home: SshHome, tunnels: readonly Partial<TunnelConfig>[], options: TunnelOptions = {}) {
  const ssh = { home: home.folder, configFile: home.configFile, globalKnownHosts: "/dev/null", agent: null };
  return openTunnelSet(
    { secrets: async () => null, ssh, ...options },
    tunnels.map((tunnel) => ({ id: "t", type: "ssh", user: "ops", ...tunnel }) as TunnelConfig),
  );
}

async function codeOf(set: TunnelSet, id = "t"): Promise<string | null> {
  const reply = await set.openTcp(target, id);
  if (reply.ok) reply.value.destroy();
  return reply.ok ? null : reply.failure.code;
}

describe("before any credential leaves", () => {
  test.each([
    ["an unknown key", () => "", "HOST_KEY_UNKNOWN"],
    [
      "a changed key",
      (line: string) => line.replace(/AAAA\S{300}/, (blob) => blob.replace(/\S{8}$/, "AAAAAAAA")),
      "HOST_KEY_CHANGED",
    ],
    ["a revoked key", (line: string) => `${line}@revoked ${line}`, "HOST_KEY_REVOKED"],
    ["a certificate authority", (line: string) => `@cert-authority ${line}`, "HOST_KEY_UNKNOWN"],
  ])("%s is refused, and nothing was tried", async (_what, write, code) => {
    const home = makeSshHome();
    const server = await startFakeSshServer({ methods: ["password"], accept: () => true });
    writeFileSync(home.knownHosts, write(server.knownHosts()));
    const set = openTunnels(home, [{ address: `127.0.0.1:${server.port}` }], {
      secrets: async () => rightPassword,
    });
    expect(await codeOf(set)).toBe(code);
    expect(server.attempts).toEqual([]);
  });

  test("a jump host's key is judged as the last server's is", async () => {
    const home = makeSshHome();
    const [gate, far] = await Promise.all([
      startFakeSshServer({ methods: ["password"], accept: () => true }),
      startFakeSshServer({ methods: ["password"], accept: () => true }),
    ]);
    const host = (name: string, port: number) => `Host ${name}\n  HostName 127.0.0.1\n  Port ${port}\n`;
    writeFileSync(home.configFile, `${host("far", far.port)}  ProxyJump gate\n${host("gate", gate.port)}`);
    writeFileSync(home.knownHosts, far.knownHosts());
    const set = openTunnels(home, [{ address: "far" }], { secrets: async () => rightPassword });
    expect(await codeOf(set)).toBe("HOST_KEY_UNKNOWN");
    expect([gate.attempts, far.attempts, far.connections()]).toEqual([[], [], 0]);
  });

  test("known hosts that cannot be read trust nobody", async () => {
    const home = makeSshHome();
    const server = await startFakeSshServer({ methods: ["password"], accept: () => true });
    // Root reads every file, but not a folder.
    mkdirSync(home.knownHosts);
    const set = openTunnels(home, [{ address: `127.0.0.1:${server.port}` }]);
    expect(await codeOf(set)).toBe("KNOWN_HOSTS_UNREADABLE");
    const named = openTunnels(home, [
      { address: `127.0.0.1:${server.port}`, knownHosts: join(home.folder, "none") },
    ]);
    expect(await codeOf(named)).toBe("KNOWN_HOSTS_UNREADABLE");
    expect(server.attempts).toEqual([]);
  });
});

describe("an unknown key is asked about", () => {
  async function ask(answer: HostKeyAnswer, ids: readonly string[] = ["t"]) {
    const home = makeSshHome();
    const server = await startFakeSshServer({
      methods: ["password"],
      accept: (attempt) => attempt === `password ${rightPassword}`,
    });
    const questions: HostKeyFacts[] = [];
    const own = join(home.folder, "own", "known_hosts");
    const options: TunnelOptions = {
      secrets: async ({ kind }) => (kind === "password" ? rightPassword : null),
      ownKnownHosts: own,
      askHostKey: async (_tunnel, hostKey) => {
        questions.push(hostKey);
        await new Promise((resolve) => setTimeout(resolve, 50));
        return answer;
      },
    };
    const tunnels = ids.map((id) => ({ id, address: `127.0.0.1:${server.port}` }));
    return { home, server, questions, own, options, tunnels };
  }

  test("once for tunnels that meet it at once; remembered in a file of Shunt's own", async () => {
    const { home, server, questions, own, options, tunnels } = await ask("remember", ["t", "u"]);
    const set = openTunnels(home, tunnels, options);
    expect(await Promise.all([codeOf(set, "t"), codeOf(set, "u")])).toEqual([null, null]);
    expect(questions).toHaveLength(1);
    expect(questions[0]?.fingerprint).toMatch(/^SHA256:/);
    expect(readFileSync(own, "utf8")).toBe(server.knownHosts());
    const again = openTunnels(home, tunnels, options);
    expect(await codeOf(again)).toBe(null);
    expect(questions).toHaveLength(1);
  });

  test("for this run only", async () => {
    const { home, questions, options, tunnels } = await ask("once");
    const set = openTunnels(home, tunnels, options);
    expect(await codeOf(set)).toBe(null);
    set.update([]);
    set.update([{ id: "t", type: "ssh", user: "ops", address: tunnels[0]?.address ?? "" }]);
    expect(await codeOf(set)).toBe(null);
    expect(questions).toHaveLength(1);
    expect(await codeOf(openTunnels(home, tunnels, options))).toBe(null);
    expect(questions).toHaveLength(2);
  });

  test("and a refusal holds until the operator tries again", async () => {
    const { home, server, questions, options, tunnels } = await ask("refuse");
    const set = openTunnels(home, tunnels, options);
    expect(await codeOf(set)).toBe("HOST_KEY_UNKNOWN");
    expect(await codeOf(set)).toBe("HOST_KEY_UNKNOWN");
    expect(questions).toHaveLength(1);
    expect(set.status("t")).toMatchObject({ state: "down", retryAt: null });
    await set.retry("t");
    expect(questions).toHaveLength(2);
    expect(server.attempts).toEqual([]);
  });
});

describe("a log-on", () => {
  async function logOn(methods: Parameters<typeof startFakeSshServer>[0], secrets: Record<string, string>) {
    const home = makeSshHome(rightPassphrase);
    const server = await startFakeSshServer(methods);
    writeFileSync(home.knownHosts, server.knownHosts());
    const asked: SecretRequest[] = [];
    const set = openTunnels(home, [{ address: `127.0.0.1:${server.port}` }], {
      secrets: async (request) => {
        asked.push(request);
        return secrets[request.kind] ?? null;
      },
    });
    return { set, server, asked };
  }

  test("with a password", async () => {
    const { set, server } = await logOn(
      { methods: ["password"], accept: (a) => a === `password ${rightPassword}` },
      { password: rightPassword },
    );
    expect(await codeOf(set)).toBe(null);
    expect(server.attempts).toEqual(["none", `password ${rightPassword}`]);
  });

  test("with a password that is asked for interactively, and with a code that is asked each time", async () => {
    const asks = {
      methods: ["keyboard-interactive"] as const,
      accept: (a: string) => [rightPassword, code].some((right) => a === `keyboard-interactive ${right}`),
    };
    const { set } = await logOn({ ...asks }, { password: rightPassword });
    expect(await codeOf(set)).toBe(null);
    const each = { answer: code, password: secretOf("SSH password", "no") };
    const byCode = await logOn({ ...asks, prompt: "One-time code:" }, each);
    expect(await codeOf(byCode.set)).toBe(null);
    expect(byCode.asked).toMatchObject([{ kind: "answer", prompt: "One-time code:", shown: false }]);
  });

  test("with a key whose passphrase is never shown to the server as a password", async () => {
    const { set, server, asked } = await logOn(
      { methods: ["publickey", "password"], accept: () => false },
      { passphrase: rightPassphrase, password: rightPassphrase },
    );
    expect(await codeOf(set)).toBe("TUNNEL_AUTH_FAILED");
    expect(asked.map(({ kind }) => kind)).toEqual(["passphrase"]);
    expect(server.attempts).toEqual(["none", "publickey"]);
  });

  test("without a secret says which one is missing, and does not try again by itself", async () => {
    const { set } = await logOn({ methods: ["password"] }, {});
    const reply = await set.openTcp(target, "t");
    expect(reply.ok ? null : reply.failure).toMatchObject({
      code: "TUNNEL_SECRET_MISSING",
      advice: expect.stringContaining("SHUNT_SECRET_T "),
    });
    expect(set.status("t")).toMatchObject({ state: "down", retryAt: null });
  });

  test("that is refused three times is not tried a fourth time", async () => {
    const wrong = secretOf("SSH password", "wrong");
    const { set, server, asked } = await logOn({ methods: ["password"] }, { password: wrong });
    expect(await codeOf(set)).toBe("TUNNEL_AUTH_FAILED");
    await until(() => set.status("t").retryAt === null && set.status("t").state === "down");
    expect(set.status("t").reason).toMatch(/No further attempt is made after 3 refused log-ons/);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(server.attempts.filter((attempt) => attempt === `password ${wrong}`)).toHaveLength(3);
    expect(asked.map(({ refused }) => refused)).toEqual([false, true, true]);
  });
});

describe("while the operator is asked", () => {
  const password = {
    methods: ["password"] as const,
    accept: (a: string) => a === `password ${rightPassword}`,
  };

  /** An operator who answers when told to. */
  function operator() {
    const asked: SecretRequest[] = [];
    let give: (secret: string | null) => void = () => undefined;
    const secrets: SecretSource = Object.assign(
      (request: SecretRequest) => {
        asked.push(request);
        return new Promise<string | null>((resolve) => {
          give = resolve;
          request.signal?.addEventListener("abort", () => resolve(null));
        });
      },
      { asksOperator: true },
    );
    return { secrets, asked, give: (secret: string | null) => give(secret) };
  }

  async function begin(server: FakeSshServer, options: TunnelOptions = {}) {
    const home = makeSshHome();
    writeFileSync(home.knownHosts, server.knownHosts());
    const desk = operator();
    const set = openTunnels(home, [{ address: `127.0.0.1:${server.port}` }], {
      secrets: desk.secrets,
      ...options,
    });
    return { ...desk, set, reply: codeOf(set) };
  }

  test("a server that ends the connection meanwhile costs nothing: the answer serves the next one", async () => {
    const server = await startFakeSshServer({ ...password });
    const { set, asked, give, reply } = await begin(server);
    await until(() => asked.length === 1);
    server.endConnections();
    await until(() => server.open() === 0);
    expect(set.status("t")).toMatchObject({
      state: "connecting",
      question: expect.stringContaining("the password"),
    });
    give(rightPassword);
    expect(await reply).toBe(null);
    expect(asked).toHaveLength(1);
    expect(server.attempts.filter((attempt) => attempt.startsWith("password"))).toEqual([
      `password ${rightPassword}`,
    ]);
  });

  test("a lost connection is made again with the password that was right", async () => {
    const server = await startFakeSshServer({ ...password });
    const { set, asked, give, reply } = await begin(server);
    await until(() => asked.length === 1);
    give(rightPassword);
    expect(await reply).toBe(null);
    server.endConnections();
    await until(() => server.connections() === 2 && set.status("t").state === "up");
    expect(asked).toHaveLength(1);
  });

  test("who declines is not asked again by himself, and no empty password is shown", async () => {
    for (const methods of [["password"], ["keyboard-interactive"]] as const) {
      const server = await startFakeSshServer({ methods });
      const { set, asked, give, reply } = await begin(server);
      await until(() => asked.length === 1);
      give(null);
      expect(await reply).toBe("TUNNEL_SECRET_MISSING");
      expect(set.status("t")).toMatchObject({ state: "down", stopped: true, retryAt: null });
      expect(server.attempts.filter((attempt) => attempt.includes(" "))).toEqual([]);
    }
  });

  test("stopping withdraws the question, ends the connection and what waited for it", async () => {
    const server = await startFakeSshServer({ ...password });
    const { set, asked, reply } = await begin(server);
    await until(() => asked.length === 1);
    set.stop("t");
    expect(await reply).toBe("TUNNEL_STOPPED");
    expect(asked[0]?.signal?.aborted).toBe(true);
    await until(() => server.open() === 0);
    expect(set.status("t")).toMatchObject({ state: "down", stopped: true, question: null });
  });

  test("clients are told what is waited for", async () => {
    const server = await startFakeSshServer({ ...password });
    const { set, asked } = await begin(server);
    await until(() => asked.length === 1);
    const reply = await set.openTcp(target, "t", { timeoutMs: 50 });
    expect(reply.ok ? null : reply.failure).toMatchObject({
      code: "TUNNEL_WAITS_FOR_ANSWER",
      message: expect.stringContaining("the password of ops@127.0.0.1"),
    });
  });

  test("about a host key, no connection is held and no log-on begun; a stopped tunnel leaves the question to another", async () => {
    const server = await startFakeSshServer({ ...password });
    const home = makeSshHome();
    const signals: AbortSignal[] = [];
    let answer: (word: HostKeyAnswer) => void = () => undefined;
    const ids = ["t", "u"].map((id) => ({ id, address: `127.0.0.1:${server.port}` }));
    const set = openTunnels(home, ids, {
      secrets: async () => rightPassword,
      askHostKey: (_tunnel, _key, signal) => {
        signals.push(signal);
        return new Promise((resolve) => (answer = resolve));
      },
    });
    const both = [codeOf(set, "t"), codeOf(set, "u")];
    await until(() => ["t", "u"].every((id) => set.status(id).question !== null));
    await until(() => server.open() === 0);
    expect([server.attempts, signals.length]).toEqual([[], 1]);
    set.stop("t");
    expect(await both[0]).toBe("TUNNEL_STOPPED");
    expect(signals[0]?.aborted).toBe(false);
    answer("once");
    expect(await both[1]).toBe(null);
    expect(signals).toHaveLength(1);
  });
});

test("a key that nobody can be asked about is refused with the line to add", async () => {
  const home = makeSshHome();
  const server = await startFakeSshServer({ methods: ["password"] });
  const set = openTunnels(home, [{ address: `127.0.0.1:${server.port}` }]);
  const reply = await set.openTcp(target, "t");
  const { advice, hostKey } = reply.ok ? never() : reply.failure;
  expect(advice).toContain(server.knownHosts().trim());
  expect(hostKey).toMatchObject({ keyType: "ssh-rsa", known: [], line: server.knownHosts().trim() });
});

function never(): never {
  throw new Error("it was let through");
}

test.skipIf(!available.sshd)(
  "an encrypted key opens sshd with its passphrase; the wrong one is asked for again",
  async () => {
    const home = makeSshHome(rightPassphrase);
    chmodSync(home.identityFile, 0o600);
    const server = await startSshServer({ home });
    writeFileSync(home.knownHosts, server.knownHosts());
    const backend = await startEchoBackend();
    const given = [secretOf("passphrase", "wrong"), rightPassphrase];
    const set = openTunnels(home, [{ address: `127.0.0.1:${server.port}`, user: server.user }], {
      secrets: async () => given.shift() ?? null,
    });
    // Each try costs seconds of a loaded machine.
    const how = { timeoutMs: 50_000 };
    const reply = await set.openTcp({ host: "127.0.0.1", port: backend.port }, "t", how);
    expect(reply.ok).toBe(true);
    expect(given).toEqual([]);
  },
  60_000,
);
