import { useEffect, useRef, useState } from "react";
import type { RouteConfig, ShuntConfig } from "../../../app/contract/config.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { normalListen, type RouteDraft } from "./route-draft.ts";

const pauseMs = 250;
const firstChoice = "127.0.0.1:9007";

/** An address that would be free, and who has the one that was typed. */
export interface ListenHint {
  readonly free: string;
  readonly owner: string | null;
}

export interface ListenHintOptions {
  readonly draft: RouteDraft;
  readonly before: RouteConfig | null;
  readonly config: ShuntConfig;
  /** Takes a proposal for a new route, unless the operator was faster. */
  readonly onPropose: (listen: string) => void;
}

/** Proposes a free address for a new route, and tells when the one typed is taken; null when there is nothing to say. */
export function useListenHint({ draft, before, config, onPropose }: ListenHintOptions): ListenHint | null {
  const bridge = useBridge();
  const [hint, setHint] = useState<(ListenHint & { readonly asked: string }) | null>(null);
  const wanted = normalListen(draft.listen);
  const kept = before !== null && normalListen(before.listen) === wanted;
  const shares = (route: RouteConfig): boolean => !route.transport && normalListen(route.listen) === wanted;
  const shared = draft.kind === "path" && config.routes.some(shares);
  const ask = hasPort(wanted) && !kept && !shared;

  const toPropose = useRef(before === null && !shared ? wanted || firstChoice : null);
  useEffect(() => {
    const listen = toPropose.current;
    toPropose.current = null;
    if (listen === null) return;
    void bridge.call("listen.suggest", { listen }).then((reply) => reply.ok && onPropose(reply.value.listen));
  }, [bridge, onPropose]);

  useEffect(() => {
    if (!ask) return;
    let current = true;
    const suggest = async (): Promise<void> => {
      const reply = await bridge.call("listen.suggest", { listen: wanted });
      if (current && reply.ok) setHint({ asked: wanted, free: reply.value.listen, owner: reply.value.owner });
    };
    const timer = setTimeout(() => void suggest(), pauseMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [bridge, ask, wanted]);

  if (!ask || hint?.asked !== wanted || hint.free === wanted) return null;
  return hint;
}

/** Whether an address is far enough typed to ask about: it ends in a port that there is. */
function hasPort(listen: string): boolean {
  const port = Number(
    /^[^\s:]+:(\d{1,5})$|^\[[^\s\]]+\]:(\d{1,5})$/.exec(listen)?.slice(1).find(Boolean) ?? 0,
  );
  return port >= 1 && port <= 65_535;
}
