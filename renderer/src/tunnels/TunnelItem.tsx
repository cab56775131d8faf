import { KeyRound, MessageCircleQuestion, Pencil, RotateCw, Square, ScrollText, Trash2 } from "lucide-react";
import { useState } from "react";
import type { TunnelConfig } from "../../../app/contract/config.ts";
import type { TunnelStatus } from "../../../app/contract/snapshot.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button, IconButton } from "../design/Button.tsx";
import { actOnRow } from "../design/row-keys.ts";
import { StateWord } from "../design/StateMark.tsx";
import { useNow } from "../design/use-now.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { openSheet, showActivity } from "../view/view-store.ts";
import { HostKeyTable } from "./HostKeyTable.tsx";
import { answerTunnel, deleteTunnel, forgetSecrets, retryTunnel, stopTunnel } from "./tunnel-actions.ts";
import { canStop, keptWords, nextAttempt, tunnelCondition } from "./tunnel-condition.ts";

const kinds = { ssh: "SSH", socks5: "SOCKS5", "http-connect": "HTTP CONNECT" } as const;

interface ItemProps {
  readonly tunnel: TunnelConfig;
  readonly status: TunnelStatus | null;
  /** True for the one item that Tab comes to. */
  readonly current: boolean;
}

/** One tunnel: its state, what it needs from the operator, and what went wrong. */
export function TunnelItem({ tunnel, status, current }: ItemProps) {
  const bridge = useBridge();
  const { id, type, address, user, note } = tunnel;
  const edit = (): void => openSheet({ kind: "tunnel", id });
  const remove = (): void => void deleteTunnel(bridge, id);
  return (
    <li
      className="tunnel"
      data-row={id}
      data-state={status?.state ?? "unknown"}
      tabIndex={current ? 0 : -1}
      onKeyDown={(event) => actOnRow(event, { Enter: edit, Delete: remove })}
    >
      <StateWord condition={tunnelCondition(status)} />
      <div className="tunnel-what">
        <strong className="route-id">{id}</strong>
        <span className="tag">{kinds[type]}</span>
        <span className="mono whole-address">{user === undefined ? address : `${user}@${address}`}</span>
        {note && <span className="soft ellipsis">{note}</span>}
      </div>
      <div className="row-actions">
        <AttemptButtons id={id} status={status} />
        <IconButton
          label={`Show activity of tunnel ${id}`}
          onPress={() => showActivity({ kind: "tunnel", id })}
        >
          <ScrollText />
        </IconButton>
        <IconButton label={`Edit tunnel ${id}`} onPress={edit}>
          <Pencil />
        </IconButton>
        <IconButton label={`Delete tunnel ${id}`} onPress={remove}>
          <Trash2 />
        </IconButton>
      </div>
      {status?.question && <Asking id={id} question={status.question} />}
      {status?.failure && !status.question && <Trouble status={status} type={type} />}
      <KeptSecrets id={id} />
    </li>
  );
}

function AttemptButtons({ id, status }: { readonly id: string; readonly status: TunnelStatus | null }) {
  const bridge = useBridge();
  const [retrying, setRetrying] = useState(false);
  const retry = async (): Promise<void> => {
    setRetrying(true);
    await retryTunnel(bridge, id);
    setRetrying(false);
  };
  return (
    <>
      {status?.state === "down" && (
        <Button size="small" isDisabled={retrying} onPress={() => void retry()}>
          <RotateCw aria-hidden />
          {retrying ? "Trying…" : "Try now"}
        </Button>
      )}
      {status && canStop(status) && (
        <Button size="small" onPress={() => void stopTunnel(bridge, id)}>
          <Square aria-hidden />
          Stop trying
        </Button>
      )}
    </>
  );
}

function Asking({ id, question }: { readonly id: string; readonly question: string }) {
  const bridge = useBridge();
  return (
    <p className="tunnel-more tunnel-asking">
      <span>Waits for {question}. Shunt asks in a window of its own.</span>
      <Button size="small" look="primary" onPress={() => void answerTunnel(bridge, id)}>
        <MessageCircleQuestion aria-hidden />
        Answer…
      </Button>
    </p>
  );
}

function Trouble({ status, type }: { readonly status: TunnelStatus; readonly type: string }) {
  const { failure } = status;
  if (!failure) return null;
  return (
    <div className="tunnel-more" data-tone={failure.code === "TUNNEL_STOPPED" ? "idle" : "bad"}>
      <p className="tunnel-trouble">
        {failure.hostKey ? hostKeySentence(failure.code, failure.hostKey.host) : failure.message}{" "}
        <span className="soft">{failure.advice}</span> <NextAttempt status={status} type={type} />
      </p>
      {failure.hostKey && <HostKeyTable hostKey={failure.hostKey} />}
    </div>
  );
}

function hostKeySentence(code: string, host: string): string {
  if (code === "HOST_KEY_CHANGED") return `The host key of ${host} has changed. Nothing was sent to it.`;
  if (code === "HOST_KEY_REVOKED") return `${host} shows a host key that is marked as revoked.`;
  return `The host key of ${host} is not known.`;
}

function NextAttempt({ status, type }: { readonly status: TunnelStatus; readonly type: string }) {
  const nowMs = useNow(500);
  const text = nextAttempt(status, type, nowMs);
  return text === null ? null : <strong>{text}</strong>;
}

function KeptSecrets({ id }: { readonly id: string }) {
  const bridge = useBridge();
  const secrets = useMirror((mirror) => mirror.secrets);
  const kept = secrets.filter((secret) => secret.tunnel === id);
  if (kept.length === 0) return null;
  return (
    <p className="tunnel-more tunnel-kept soft">
      <KeyRound aria-hidden />
      <span>{kept.map(keptWords).join(" ")}</span>
      <Button size="small" onPress={() => void forgetSecrets(bridge, id)}>
        Forget
      </Button>
    </p>
  );
}
