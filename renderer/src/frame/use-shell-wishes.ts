import { useEffect } from "react";
import type { ShellWish } from "../../../app/contract/bridge.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { openSheet, showActivity, showConnections, showRoute, useView } from "../view/view-store.ts";
import { showUpdates } from "../settings/update-actions.ts";
import { focusFilter } from "./focus-filter.ts";

/** Does what the menu, the tray and notifications ask for. */
export function useShellWishes(): void {
  const { shell } = useBridge();
  useEffect(() => shell?.onWish(fulfil), [shell]);
}

function fulfil(wish: ShellWish): void {
  switch (wish.do) {
    case "show":
      return show(wish.screen, wish.id);
    case "new-route":
      if (isBusy()) return;
      useView.setState({ screen: "routes" });
      return openSheet({ kind: "route", id: null });
    case "focus-filter":
      return focusFilter();
  }
}

function show(screen: Extract<ShellWish, { do: "show" }>["screen"], id: string | undefined): void {
  const route = id === undefined ? null : ({ kind: "route", id } as const);
  if (screen === "connections") return showConnections(route);
  if (screen === "routes") return showRoute(id ?? null);
  if (screen === "activity") return showActivity(route);
  useView.setState({ screen });
  if (screen === "settings" && id === "updates") showUpdates();
  if (screen === "backends" && id && !isBusy()) openSheet({ kind: "backend", id });
}

/** What is being edited or asked is not put aside for another sheet. */
function isBusy(): boolean {
  const { sheet, question } = useView.getState();
  return sheet !== null || question !== null;
}
