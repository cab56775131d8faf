/** What a Galvanometer window was opened with and cannot change while it is open. Pure. */
import type { BackendConfig, ShuntConfig } from "../../../app/contract/config.ts";

/** Differs when the window must be opened anew: its address, its way, its trust. Null where the backend is gone. */
export function windowBasis(config: ShuntConfig | null, id: string): string | null {
  const own = config?.backends.find((backend) => backend.id === id);
  if (!config || !own) return null;
  const { label, environment, via, admin, websocket, adminAccess, tls } = own;
  const others = config.backends.filter((backend) => backend.id !== id && speaksTls(backend));
  return JSON.stringify([
    [label, environment, via, admin, websocket, adminAccess, tls],
    others.map((other) => [other.admin, other.websocket, other.tls]),
  ]);
}

function speaksTls({ admin = "", websocket = "" }: BackendConfig): boolean {
  return admin.startsWith("https:") || websocket.startsWith("wss:");
}
