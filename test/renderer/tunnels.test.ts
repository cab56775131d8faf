import { describe, expect, test } from "vitest";
import type { ShuntConfig } from "../../app/contract/config.ts";
import type { TunnelStatus } from "../../app/contract/snapshot.ts";
import { secretVariable as engineVariable } from "../../app/tunnels/secret-source.ts";
import { usersOfTunnel, withTunnel } from "../../renderer/src/edit/config-edit.ts";
import { nextAttempt } from "../../renderer/src/tunnels/tunnel-condition.ts";
import { draftOfTunnel, secretVariable, tunnelOfDraft } from "../../renderer/src/tunnels/tunnel-draft.ts";

const config: ShuntConfig = {
  version: 1,
  tunnels: [{ id: "bastion", type: "ssh", address: "jump:22", identityFile: "~/k", note: "n" }],
  backends: [
    { id: "a", via: "bastion", amps: "tcp://a:1" },
    { id: "b", amps: "tcp://b:1" },
  ],
  pools: [],
  routes: [],
};

describe("a tunnel in the form", () => {
  test.each(config.tunnels.map((tunnel) => [tunnel]))("comes out as it went in: %j", (tunnel) => {
    expect(tunnelOfDraft(draftOfTunnel(tunnel))).toEqual(tunnel);
  });

  test("that becomes a proxy loses its key files, and empty fields are left out", () => {
    const draft = { ...draftOfTunnel(config.tunnels[0] ?? null), type: "socks5" as const, note: " " };
    expect(tunnelOfDraft(draft)).toEqual({ id: "bastion", type: "socks5", address: "jump:22" });
  });

  test("that is renamed keeps its backends, and names them", () => {
    const renamed = withTunnel(config, { id: "gate", type: "ssh", address: "jump:22" }, "bastion");
    expect(renamed.tunnels.map(({ id }) => id)).toEqual(["gate"]);
    expect(renamed.backends.map(({ via }) => via)).toEqual(["gate", undefined]);
    expect(usersOfTunnel(renamed, "gate")).toEqual(["backend a"]);
  });

  test.each(["corp", "corp-proxy", "a-1"])("names the variable that the engine reads: %s", (id) => {
    expect(secretVariable(id)).toBe(engineVariable(id));
  });
});

test.each([
  ["down", "2026-01-01T00:00:04.200Z", "ssh", "Tries again in 5 s."],
  ["down", "2025-12-31T23:59:59.000Z", "ssh", "Tries again now."],
  ["down", null, "ssh", "Does not try again by itself."],
  ["down", null, "socks5", "Tries again with the next connection."],
  ["up", null, "ssh", null],
] as const)("the next attempt of a tunnel that is %s (%s, %s)", (state, retryAt, type, text) => {
  const status: TunnelStatus = {
    id: "t",
    state,
    reason: null,
    failure: null,
    retryAt,
    stopped: false,
    question: null,
  };
  expect(nextAttempt(status, type, Date.parse("2026-01-01T00:00:00.000Z"))).toBe(text);
});
