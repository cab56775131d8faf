import { Pencil, Plus, RotateCw, Trash2 } from "lucide-react";
import { useState } from "react";
import type { TunnelConfig } from "../../../app/contract/config.ts";
import type { TunnelStatus } from "../../../app/contract/snapshot.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button, IconButton } from "../design/Button.tsx";
import { StateWord } from "../design/StateMark.tsx";
import { useNow } from "../design/use-now.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { openSheet } from "../view/view-store.ts";
import { deleteTunnel, retryTunnel } from "./tunnel-actions.ts";
import { nextAttempt, tunnelCondition } from "./tunnel-condition.ts";

const kinds = { ssh: "SSH", socks5: "SOCKS5", "http-connect": "HTTP CONNECT" } as const;

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

function TunnelItem({
  tunnel,
  status,
}: {
  readonly tunnel: TunnelConfig;
  readonly status: TunnelStatus | null;
}) {
  const bridge = useBridge();
  const [retrying, setRetrying] = useState(false);
  const { id, type, address, user, note } = tunnel;
  const retry = async (): Promise<void> => {
    setRetrying(true);
    await retryTunnel(bridge, id);
    setRetrying(false);
  };
  return (
    <li className="tunnel" data-row={id} data-state={status?.state ?? "unknown"}>
      <StateWord condition={tunnelCondition(status?.state ?? "unknown")} />
      <div className="tunnel-what">
        <strong className="route-id">{id}</strong>
        <span className="tag">{kinds[type]}</span>
        <span className="mono ellipsis">{user === undefined ? address : `${user}@${address}`}</span>
        {note && <span className="soft ellipsis">{note}</span>}
      </div>
      <div className="row-actions">
        {status?.state === "down" && (
          <Button size="small" isDisabled={retrying} onPress={() => void retry()}>
            <RotateCw aria-hidden />
            {retrying ? "Trying…" : "Try now"}
          </Button>
        )}
        <IconButton label={`Edit tunnel ${id}`} onPress={() => openSheet({ kind: "tunnel", id })}>
          <Pencil />
        </IconButton>
        <IconButton label={`Delete tunnel ${id}`} onPress={() => void deleteTunnel(bridge, id)}>
          <Trash2 />
        </IconButton>
      </div>
      {status?.failure && (
        <p className="tunnel-trouble">
          {status.failure.message} <span className="soft">{status.failure.advice}</span>{" "}
          <NextAttempt status={status} type={type} />
        </p>
      )}
    </li>
  );
}

function NextAttempt({ status, type }: { readonly status: TunnelStatus; readonly type: string }) {
  const nowMs = useNow(500);
  const text = nextAttempt(status, type, nowMs);
  return text === null ? null : <strong>{text}</strong>;
}
