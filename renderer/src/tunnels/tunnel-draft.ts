/** A tunnel as the form holds it. */
import type { TunnelConfig } from "../../../app/contract/config.ts";

export interface TunnelDraft {
  readonly id: string;
  readonly type: TunnelConfig["type"];
  readonly address: string;
  readonly user: string;
  readonly identityFile: string;
  readonly knownHosts: string;
  readonly note: string;
}

export function draftOfTunnel(tunnel: TunnelConfig | null): TunnelDraft {
  return {
    id: tunnel?.id ?? "",
    type: tunnel?.type ?? "ssh",
    address: tunnel?.address ?? "",
    user: tunnel?.user ?? "",
    identityFile: (tunnel?.type === "ssh" && tunnel.identityFile) || "",
    knownHosts: (tunnel?.type === "ssh" && tunnel.knownHosts) || "",
    note: tunnel?.note ?? "",
  };
}

/** The tunnel that a draft describes; what is empty is left out, and key files belong to SSH alone. */
export function tunnelOfDraft(draft: TunnelDraft): TunnelConfig {
  const common = {
    id: draft.id.trim(),
    address: draft.address.trim(),
    ...(draft.user.trim() !== "" && { user: draft.user.trim() }),
    ...(draft.note.trim() !== "" && { note: draft.note.trim() }),
  };
  if (draft.type !== "ssh") return { ...common, type: draft.type };
  return {
    ...common,
    type: "ssh",
    ...(draft.identityFile.trim() !== "" && { identityFile: draft.identityFile.trim() }),
    ...(draft.knownHosts.trim() !== "" && { knownHosts: draft.knownHosts.trim() }),
  };
}

/** The environment variable that its secret is read from: the same rule as `app/tunnels/secret-source.ts`. */
export function secretVariable(id: string): string {
  return `SHUNT_SECRET_${id.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`;
}
