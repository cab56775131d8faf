/** Host keys are judged before any credential leaves; log-ons by every method; refusals that stop in time. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { TunnelConfig } from "../../../app/contract/config.ts";
import type { SecretRequest } from "../../../app/tunnels/secret-source.ts";
import type { HostKeyAnswer, HostKeyFacts } from "../../../app/contract/questions.ts";
import { TunnelSet, type TunnelOptions } from "../../../app/tunnels/tunnel-set.ts";
import { available } from "../../support/available.ts";
import { startEchoBackend } from "../../support/echo-backend.ts";
import { startFakeSshServer } from "../../support/fake-ssh-server.ts";
import { cleanUp, cleanUpAfterEach, until } from "../../support/running-engine.ts";
import { makeSshHome, startSshServer, type SshHome } from "../../support/ssh-server.ts";

cleanUpAfterEach();

const target = { host: "127.0.0.1", port: 9007 };

function openTunnels(home: SshHome, tunnels: readonly Partial<TunnelConfig>[], options: TunnelOptions = {}) {
  const set = new TunnelSet(
    {
      secrets: async () => null,
      ssh: { home: home.folder, configFile: home.configFile, globalKnownHosts: "/dev/null", agent: null },
      ...options,
    },
    { note: () => undefined, onChange: () => undefined },
  );
  cleanUp(() => set.close());
  set.update(tunnels.map((tunnel) => ({ id: "t", type: "ssh", user: "ops", ...tunnel }) as TunnelConfig));
  return set;
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
      secrets: async () => "secret",
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
    const set = openTunnels(home, [{ address: "far" }], { secrets: async () => "secret" });
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
      accept: (attempt) => attempt === "password secret",
    });
    const questions: HostKeyFacts[] = [];
    const own = join(home.folder, "own", "known_hosts");
    const options: TunnelOptions = {
      secrets: async ({ kind }) => (kind === "password" ? "secret" : null),
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
    const home = makeSshHome("open sesame");
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
      { methods: ["password"], accept: (a) => a === "password pw" },
      { password: "pw" },
    );
    expect(await codeOf(set)).toBe(null);
    expect(server.attempts).toEqual(["none", "password pw"]);
  });

  test("with a password that is asked for interactively, and with a code that is asked each time", async () => {
    const asks = {
      methods: ["keyboard-interactive"] as const,
      accept: (a: string) => a === "keyboard-interactive pw",
    };
    const { set } = await logOn({ ...asks }, { password: "pw" });
    expect(await codeOf(set)).toBe(null);
    const code = await logOn({ ...asks, prompt: "One-time code:" }, { answer: "pw", password: "no" });
    expect(await codeOf(code.set)).toBe(null);
    expect(code.asked).toMatchObject([{ kind: "answer", prompt: "One-time code:", shown: false }]);
  });

  test("with a key whose passphrase is never shown to the server as a password", async () => {
    const { set, server, asked } = await logOn(
      { methods: ["publickey", "password"], accept: () => false },
      { passphrase: "open sesame", password: "open sesame" },
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
    const { set, server, asked } = await logOn({ methods: ["password"] }, { password: "wrong" });
    expect(await codeOf(set)).toBe("TUNNEL_AUTH_FAILED");
    await until(() => set.status("t").retryAt === null && set.status("t").state === "down");
    expect(set.status("t").reason).toMatch(/No further attempt is made after 3 refused log-ons/);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(server.attempts.filter((attempt) => attempt === "password wrong")).toHaveLength(3);
    expect(asked.map(({ refused }) => refused)).toEqual([false, true, true]);
    expect(JSON.stringify(set.status("t"))).not.toContain("wrong");
  });
});

test.skipIf(!available.sshd)(
  "an encrypted key opens sshd with its passphrase; the wrong one is asked for again",
  async () => {
    const home = makeSshHome("open sesame");
    chmodSync(home.identityFile, 0o600);
    const server = await startSshServer({ home });
    writeFileSync(home.knownHosts, server.knownHosts());
    const backend = await startEchoBackend();
    const given = ["wrong", "open sesame"];
    const set = openTunnels(home, [{ address: `127.0.0.1:${server.port}`, user: server.user }], {
      secrets: async () => given.shift() ?? null,
    });
    const reply = await set.openTcp({ host: "127.0.0.1", port: backend.port }, "t");
    expect(reply.ok).toBe(true);
    expect(given).toEqual([]);
  },
);
