/** Tunnels that are made up, and what is kept for them. */
import type { TunnelConfig } from "../../app/contract/config.ts";
import type { KeptSecret } from "../../app/contract/questions.ts";
import type { TunnelStatus } from "../../app/contract/snapshot.ts";

const lost = {
  code: "TUNNEL_LOST",
  hop: "tunnel",
  message: "Tunnel corp was lost: the server ended the connection.",
  advice:
    "Shunt connects again by itself; if it goes on, look at the server's log and the network in between.",
} as const;

const changed = {
  code: "HOST_KEY_CHANGED",
  hop: "tunnel",
  message: "The host key of gate.example.com has changed.",
  advice:
    "Ask whoever runs the server whether its key was replaced; only then take the old line out of known_hosts.",
  hostKey: {
    host: "gate.example.com",
    keyType: "ssh-ed25519",
    fingerprint: "SHA256:uNiVztksCsDhcc0u9e8BrJXVd3rmTCSTZyBWzWzqvkE",
    known: [
      {
        keyType: "ssh-ed25519",
        fingerprint: "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
        where: "/home/ops/.ssh/known_hosts:12",
      },
    ],
    line: "gate.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
  },
} as const;

/** Up, down, and then one that is what its name says. */
export function fakeTunnel({ id }: TunnelConfig, index: number): TunnelStatus {
  const quiet = { id, reason: null, failure: null, retryAt: null, stopped: false, question: null };
  if (id === "asking") return { ...quiet, state: "connecting", question: "the password of ops@jump" };
  if (id === "changed")
    return { ...quiet, state: "down", reason: changed.message, failure: changed, stopped: true };
  if (index === 0) return { ...quiet, state: "up" };
  const retryAt = new Date(Date.now() + 25_000).toISOString();
  return { ...quiet, state: "down", reason: lost.message, failure: lost, retryAt };
}

export const fakeSecrets: readonly KeptSecret[] = [
  { tunnel: "bastion", kind: "passphrase", account: "/home/ops/.ssh/id_ed25519", kept: "keychain" },
];
