/** Tunnels and an examination that are made up. */
import type { TunnelConfig } from "../../app/contract/config.ts";
import type { Examination } from "../../app/contract/examination.ts";
import type { TunnelStatus } from "../../app/contract/snapshot.ts";

const lost = {
  code: "TUNNEL_LOST",
  hop: "tunnel",
  message: "Tunnel corp was lost: the server ended the connection.",
  advice:
    "Shunt connects again by itself; if it goes on, look at the server's log and the network in between.",
} as const;

export function fakeTunnel({ id }: TunnelConfig, index: number): TunnelStatus {
  if (index === 0) return { id, state: "up", reason: null, failure: null, retryAt: null };
  const retryAt = new Date(Date.now() + 25_000).toISOString();
  return { id, state: "down", reason: lost.message, failure: lost, retryAt };
}

export function fakeExamination(backend: string): Examination {
  const step = { advice: null, failure: null, outcome: "ok" } as const;
  return {
    backend,
    healthy: false,
    steps: [
      { ...step, endpoint: "amps", hop: "tcp", tookMs: 1.2, finding: "amps-prod-1:9007 takes connections." },
      { ...step, endpoint: "amps", hop: "amps", tookMs: 4.8, finding: "AMPS 5.3.4.0 let the probe in." },
      { ...step, endpoint: "admin", hop: "tcp", tookMs: 1.1, finding: "amps-prod-1:8085 takes connections." },
      {
        endpoint: "admin",
        hop: "admin",
        outcome: "failed",
        tookMs: 3.3,
        finding: "Answered 400, not as AMPS's admin interface does.",
        advice: "Check the port: this is not AMPS's admin interface.",
        failure: null,
      },
    ],
  };
}
