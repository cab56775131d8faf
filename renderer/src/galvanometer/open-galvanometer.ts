import type { Bridge } from "../../../app/contract/bridge.ts";
import type { BackendConfig } from "../../../app/contract/config.ts";
import type { UncoveredPeer } from "../../../app/contract/galvanometer.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { showFailure, showToast } from "../view/toasts.ts";
import { openSheet } from "../view/view-store.ts";

/** Opens a window where there is a desktop; in a browser, the sheet that says what works there and how. */
export async function openGalvanometer(bridge: Bridge, backend: string): Promise<void> {
  const reply = await bridge.call("galvanometer.open", { backend });
  if (!reply.ok) return showFailure(reply.failure);
  const opening = reply.value;
  if (opening.how === "browser") return openSheet({ kind: "galvanometer", opening });
  const [peer] = opening.uncovered;
  if (!peer) return;
  showToast({
    tone: "ok",
    text: `The statistics of ${backend} also name ${peer.name || peer.admin}, which no backend covers.`,
    detail: "Its Galvanometer is reached through the same tunnel meanwhile.",
    action: { label: "Add as backend", run: () => addPeer(backend, peer) },
  });
}

/** Opens the form for a backend that covers a peer, filled in with what is known of it. */
export function addPeer(beside: string, peer: UncoveredPeer): void {
  const opened = useMirror.getState().saved?.config.backends.find((backend) => backend.id === beside);
  openSheet({ kind: "backend", id: null, preset: backendForPeer(peer, opened ?? null) });
}

/** A backend for an instance that statistics name: reached and trusted as the one that names it. */
function backendForPeer({ name, admin }: UncoveredPeer, beside: BackendConfig | null): BackendConfig {
  const host = admin.replace(/^https?:\/\/\[?|\]?:\d+$/g, "");
  const id = (name || host)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63);
  return {
    id: id || "peer",
    admin,
    ...(name !== "" && name !== id && { instanceName: name }),
    ...(beside?.environment !== undefined && { environment: beside.environment }),
    ...(beside?.via !== undefined && { via: beside.via }),
    ...(beside?.tls?.caFile !== undefined && { tls: { caFile: beside.tls.caFile } }),
  };
}
