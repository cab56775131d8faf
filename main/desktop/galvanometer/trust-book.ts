/** Whose certificates a Galvanometer session accepts: for each host the authority that its backend names. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { BackendConfig } from "../../../app/contract/config.ts";
import { parseEndpoint } from "../../../app/config/address.ts";
import { expandHome } from "../../../app/config/expand-home.ts";
import { errorText } from "../../../app/failures.ts";
import { certificateProblem } from "./certificate-check.ts";

interface HostTrust {
  readonly hosts: readonly string[];
  /** PEM; null: those that Node.js trusts. */
  readonly authorities: string | null;
  readonly serverName: string | undefined;
  readonly verify: boolean;
}

interface TrustBook {
  /** Changes with whatever a verdict depends on: Chromium keeps its verdicts for the life of a session. */
  readonly fingerprint: string;
  /** One clause that says why not, or null where the certificate is good. `chain`: PEM, leaf first. */
  problem(hostname: string, chain: readonly string[], now: Date): string | null;
}

export function makeTrustBook(
  opened: BackendConfig,
  backends: readonly BackendConfig[],
  log: (message: string) => void,
): TrustBook {
  const others = backends.filter((backend) => backend.id !== opened.id);
  const entries = [opened, ...others].map((backend) => trustOf(backend, log));
  const [own] = entries;
  // A peer that no backend covers is trusted as the opened instance is, under its own name.
  const stranger = own && { ...own, serverName: undefined };
  return {
    fingerprint: createHash("sha256").update(JSON.stringify(entries)).digest("hex").slice(0, 16),
    problem(hostname, chain, now) {
      const host = hostname.toLowerCase();
      const named = entries.filter(({ hosts }) => hosts.includes(host));
      const candidates = named.length > 0 ? named : stranger ? [stranger] : [];
      const problems = candidates.map(({ authorities, serverName, verify }) =>
        verify ? certificateProblem({ hostname, chain, authorities, serverName, now }) : null,
      );
      return problems.includes(null) ? null : (problems[0] ?? "nothing is known of its host");
    },
  };
}

function trustOf(backend: BackendConfig, log: (message: string) => void): HostTrust {
  const hosts = (["admin", "websocket"] as const).flatMap((kind) => {
    const endpoint = parseEndpoint(kind, backend[kind] ?? "");
    return endpoint ? [endpoint.host.toLowerCase().replace(/\.$/, "")] : [];
  });
  const { serverName, verify = true } = backend.tls ?? {};
  return { hosts, authorities: readAuthorities(backend, log), serverName, verify };
}

/** A file that cannot be read trusts nobody. */
function readAuthorities(backend: BackendConfig, log: (message: string) => void): string | null {
  if (backend.tls?.caFile === undefined) return null;
  try {
    return readFileSync(expandHome(backend.tls.caFile), "utf8");
  } catch (error) {
    log(`the caFile of ${backend.id} could not be read: ${errorText(error)}`);
    return "";
  }
}
