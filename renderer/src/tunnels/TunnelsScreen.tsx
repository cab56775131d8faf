import { Plus } from "lucide-react";
import { useRef } from "react";
import type { TunnelConfig } from "../../../app/contract/config.ts";
import { Button } from "../design/Button.tsx";
import { useBlankFocus } from "../design/use-blank-focus.ts";
import { useRowFocus } from "../design/use-row-focus.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { openSheet } from "../view/view-store.ts";
import { SshForwards } from "./SshForwards.tsx";
import { TunnelItem } from "./TunnelItem.tsx";

const newTunnel = (): void => openSheet({ kind: "tunnel", id: null });

/** The tunnels: where each leads, how it is, and when it is tried again; below them what ~/.ssh/config offers. */
export function TunnelsScreen() {
  const tunnels = useMirror((mirror) => mirror.saved?.config.tunnels ?? []);
  const screen = useRef<HTMLDivElement>(null);
  useBlankFocus(screen, tunnels.length === 0);
  return (
    <div className="screen" ref={screen}>
      <div className="toolbar">
        <Button look="primary" onPress={newTunnel}>
          <Plus aria-hidden />
          New tunnel
        </Button>
        <span className="soft">How backends are reached that this machine cannot reach itself.</span>
      </div>
      <div className="screen-scroll">
        {tunnels.length === 0 ? (
          <div className="blank">
            <h2>No tunnels yet</h2>
            <p className="soft">
              An SSH bastion, a SOCKS5 or an HTTP proxy. Give a backend its tunnel, and every route to it goes
              that way.
            </p>
            <Button look="primary" onPress={newTunnel}>
              Add your first tunnel
            </Button>
          </div>
        ) : (
          <TunnelItems tunnels={tunnels} />
        )}
        <SshForwards />
      </div>
    </div>
  );
}

function TunnelItems({ tunnels }: { readonly tunnels: readonly TunnelConfig[] }) {
  const statuses = useMirror((mirror) => mirror.tunnels);
  const items = useRef<HTMLUListElement>(null);
  const { current, ...focus } = useRowFocus({ keys: tunnels.map(({ id }) => id), grid: items });
  return (
    <ul ref={items} className="tunnels" aria-label="Tunnels" {...focus}>
      {tunnels.map((tunnel) => (
        <TunnelItem
          key={tunnel.id}
          tunnel={tunnel}
          status={statuses.find((row) => row.id === tunnel.id) ?? null}
          current={tunnel.id === current}
        />
      ))}
    </ul>
  );
}
