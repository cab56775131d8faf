import { Plus } from "lucide-react";
import { Button } from "../design/Button.tsx";
import { useMirror } from "../mirror/mirror-store.ts";
import { openSheet } from "../view/view-store.ts";
import { TunnelItem } from "./TunnelItem.tsx";

/** The tunnels: where each leads, how it is, and when it is tried again. */
export function TunnelList() {
  const tunnels = useMirror((mirror) => mirror.saved?.config.tunnels ?? null);
  const statuses = useMirror((mirror) => mirror.tunnels);
  if (!tunnels) return null;
  return (
    <section className="tunnels" aria-labelledby="tunnels-title">
      <div className="section-head">
        <h2 id="tunnels-title">Tunnels</h2>
        <span className="soft">How backends are reached that this machine cannot reach itself.</span>
        <Button size="small" onPress={() => openSheet({ kind: "tunnel", id: null })}>
          <Plus aria-hidden />
          New tunnel
        </Button>
      </div>
      {tunnels.length === 0 && <p className="soft">No tunnels yet.</p>}
      <ul>
        {tunnels.map((tunnel) => (
          <TunnelItem
            key={tunnel.id}
            tunnel={tunnel}
            status={statuses.find((row) => row.id === tunnel.id) ?? null}
          />
        ))}
      </ul>
    </section>
  );
}
