import { Plus } from "lucide-react";
import { useState } from "react";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { plural } from "../design/format.ts";
import { changeConfig } from "../edit/change-config.ts";
import { describeChosen, toggleItem, withChosen } from "../import/choose-items.ts";
import { showFailure, showToast } from "../view/toasts.ts";
import { openSheet, showRoute } from "../view/view-store.ts";
import { type SshForward, sshForwards } from "./ssh-forwards.ts";
import { useSshConfig } from "./use-ssh-config.ts";

/** The forwards that ~/.ssh/config has: one press makes a route of each, with its backend and its tunnel. The file stays as it is. */
export function SshForwards() {
  const bridge = useBridge();
  const preview = useSshConfig();
  const forwards = sshForwards(preview);
  const [adding, setAdding] = useState(false);
  if (forwards.length === 0) return null;
  const add = async (key: string): Promise<void> => {
    const { items } = preview;
    const chosen = toggleItem(items, new Set(), key, true);
    setAdding(true);
    const reply = await changeConfig(bridge, (config) => withChosen(config, items, chosen));
    setAdding(false);
    if (!reply.ok) showFailure(reply.failure);
    else showToast({ tone: "ok", text: `From ~/.ssh/config. ${describeChosen(items, chosen) ?? ""}` });
  };
  return (
    <section className="ssh-forwards" aria-labelledby="ssh-forwards-title">
      <div className="ssh-forwards-head">
        <h2 id="ssh-forwards-title">From ~/.ssh/config</h2>
        <span className="soft">{summary(forwards)}</span>
        {preview.notUnderstood.length > 0 && (
          <Button look="link" onPress={() => openSheet({ kind: "import", from: "ssh-config" })}>
            {plural(preview.notUnderstood.length, "line")} that Shunt cannot use
          </Button>
        )}
      </div>
      <ul aria-label="LocalForward lines of ~/.ssh/config">
        {forwards.map((forward) => (
          <ForwardLine
            key={forward.key}
            forward={forward}
            isDisabled={adding}
            onAdd={() => void add(forward.key)}
          />
        ))}
      </ul>
    </section>
  );
}

function summary(forwards: readonly SshForward[]): string {
  const left = forwards.filter(({ isKnown }) => !isKnown).length;
  return `${plural(forwards.length, "LocalForward line")} · ${left === 0 ? "all imported" : `${left} not imported`}`;
}

interface ForwardLineProps {
  readonly forward: SshForward;
  readonly isDisabled: boolean;
  readonly onAdd: () => void;
}

function ForwardLine({ forward, isDisabled, onAdd }: ForwardLineProps) {
  const { route, listen, transport, to, through, note, isKnown } = forward;
  return (
    <li data-forward={route}>
      <span className="ssh-forward-way">
        <span className="mono">{listen}</span>
        <span className="route-arrow" aria-label="to">
          →
        </span>
        <span className="mono">{to}</span>
        <span className="soft">via {through}</span>
        <span className="tag">{transport}</span>
      </span>
      {isKnown ? (
        <span className="ssh-forward-known">
          Imported as{" "}
          <button type="button" className="link-name" onClick={() => showRoute(route)}>
            {route}
          </button>
        </span>
      ) : (
        <Button size="small" isDisabled={isDisabled} onPress={onAdd} aria-label={`Add ${listen} to ${to}`}>
          <Plus aria-hidden />
          Add
        </Button>
      )}
      {note !== null && !isKnown && <span className="soft ssh-forward-note">{note}</span>}
    </li>
  );
}
