import { useEffect } from "react";
import { useMirror } from "../mirror/mirror-store.ts";
import { openSheet, type Screen, showRoute, showScreen, useView } from "../view/view-store.ts";
import { undoNewest } from "../view/toasts.ts";
import { focusCurrentRow } from "../design/row-keys.ts";
import { focusFilter } from "./focus-filter.ts";

const screenKeys: Readonly<Record<string, Screen>> = {
  "1": "routes",
  "2": "backends",
  "3": "pools",
  "4": "tunnels",
  "5": "connections",
  "6": "activity",
  "7": "export",
  "8": "settings",
  "9": "sandbox",
};

/** The keys that work on every screen. Those of one letter can be turned off in the settings. */
export function useShortcuts(): void {
  useEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

function onKey(event: KeyboardEvent): void {
  const { sheet, question, overlay, singleKeys } = useView.getState();
  if (event.defaultPrevented || sheet || question) return;
  const command = event.ctrlKey || event.metaKey;
  if (command && !event.altKey && !event.shiftKey) {
    if (event.key === "k")
      run(event, () => useView.setState({ overlay: overlay === "palette" ? null : "palette" }));
    if (event.key === "f" && !overlay) run(event, focusFilter);
    if (event.key === "z" && !overlay && !isTyping(event.target) && undoNewest()) event.preventDefault();
    return;
  }
  if (overlay || command || event.altKey || !singleKeys || isTyping(event.target)) return;
  const { screen: shown, routeShown, selection } = useView.getState();
  if (shown === "routes" && routeShown !== null) {
    if (event.key === "Escape") return run(event, () => showRoute(null));
    if (event.key.toLowerCase() === "e")
      return run(event, () => openSheet({ kind: "route", id: routeShown }));
  }
  if (event.key === "Escape" && shown === "routes" && selection.size > 0)
    return run(event, () => useView.setState({ selection: new Set() }));
  // Nothing has the focus, as after a change of screens: down begins in what the screen lists.
  if (event.key === "ArrowDown" && event.target === document.body && focusCurrentRow())
    return event.preventDefault();
  const screen = screenKeys[event.key];
  if (screen && (screen !== "sandbox" || useMirror.getState().sandbox?.running))
    run(event, () => showScreen(screen));
  else if (event.key === "/") run(event, focusFilter);
  else if (event.key === "?") run(event, () => useView.setState({ overlay: "shortcuts" }));
  else if (event.key.toLowerCase() === "n") run(event, newOfScreen);
}

const kindOfScreen: Partial<Record<Screen, "backend" | "pool" | "tunnel">> = {
  backends: "backend",
  pools: "pool",
  tunnels: "tunnel",
};

/** N makes what the screen lists, a route on every other. */
function newOfScreen(): void {
  openSheet({ kind: kindOfScreen[useView.getState().screen] ?? "route", id: null });
}

function run(event: KeyboardEvent, action: () => void): void {
  event.preventDefault();
  action();
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  // Menus, lists and open pickers look rows up by their first letters.
  return target.closest("input:not([type=checkbox]), textarea, select, [role=menu], [role=listbox]") !== null;
}
