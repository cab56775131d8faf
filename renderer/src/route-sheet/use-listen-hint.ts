import { useEffect, useRef, useState } from "react";
import type { Bridge } from "../../../app/contract/bridge.ts";
import type { RouteConfig, ShuntConfig } from "../../../app/contract/config.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { normalListen, type RouteDraft } from "./route-draft.ts";

const pauseMs = 250;
const firstChoice = "127.0.0.1:9007";

/** An address that would be free, and who has the one that was typed. */
export interface ListenHint {
  readonly free: string;
  readonly owner: string | null;
  /** The same port on another loopback address; null where there is none to offer. */
  readonly loopback: LoopbackChoice | null;
}

export interface LoopbackChoice {
  readonly listen: string;
  /** The command that adds the address to this machine (macOS); null where it is there. */
  readonly addedBy: string | null;
}

interface ListenHintOptions {
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
  const isPath = draft.kind === "path";
  // Path routes share an address, and so do routes that pass TLS through.
  const shares = (route: RouteConfig): boolean =>
    isPath ? !route.transport : draft.tlsPassthrough && route.tlsPassthrough === true;
  const shared = config.routes.some((route) => shares(route) && normalListen(route.listen) === wanted);
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
      if (!current || !reply.ok) return;
      const { listen: free, owner } = reply.value;
      const loopback = owner === null ? null : await otherLoopback(bridge, wanted);
      if (current) setHint({ asked: wanted, free, owner, loopback });
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

/** How many further loopback addresses are tried. */
const loopbacksTried = 8;

/** The next of 127.0.0.2, 127.0.0.3, … on which the port is free, for an address on 127.0.0.1 or localhost. */
async function otherLoopback(bridge: Bridge, wanted: string): Promise<LoopbackChoice | null> {
  const port = /^(?:127\.0\.0\.1|localhost):(\d+)$/.exec(wanted)?.[1];
  if (port === undefined) return null;
  for (let last = 2; last < 2 + loopbacksTried; last++) {
    const host = `127.0.0.${last}`;
    const listen = `${host}:${port}`;
    const reply = await bridge.call("listen.suggest", { listen });
    if (!reply.ok)
      return reply.failure.code === "ADDRESS_NOT_LOCAL"
        ? { listen, addedBy: `sudo ifconfig lo0 alias ${host}` }
        : null;
    if (reply.value.listen === listen) return { listen, addedBy: null };
  }
  return null;
}

/** Whether an address is far enough typed to ask about: it ends in a port that there is. */
function hasPort(listen: string): boolean {
  const port = Number(
    /^[^\s:]+:(\d{1,5})$|^\[[^\s\]]+\]:(\d{1,5})$/.exec(listen)?.slice(1).find(Boolean) ?? 0,
  );
  return port >= 1 && port <= 65_535;
}
