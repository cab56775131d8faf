import {
  Autocomplete,
  Dialog,
  Input,
  Menu,
  MenuItem,
  Modal,
  ModalOverlay,
  SearchField,
} from "react-aria-components";
import { useState } from "react";
import type { Bridge } from "../../../app/contract/bridge.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { restartRoute, startRoutes, stopRoutes, toggleRoute } from "../routes/route-actions.ts";
import { isRunning, routeCondition } from "../routes/route-condition.ts";
import { startSandbox } from "../sandbox/sandbox-actions.ts";
import { openGalvanometer } from "../galvanometer/open-galvanometer.ts";
import { checkForUpdates } from "../settings/update-actions.ts";
import { openSheet, showConnections, showRoute, showScreen, useView } from "../view/view-store.ts";

interface Command {
  readonly id: string;
  readonly name: string;
  readonly detail?: string;
  readonly run: () => void;
}

/** What nobody reads down to is not drawn. */
const shownAtMost = 80;

function close(): void {
  useView.setState({ overlay: null });
}

/** Everything by name: screens, actions, routes. */
export function CommandPalette() {
  const isOpen = useView((view) => view.overlay === "palette");
  return (
    <ModalOverlay
      className="scrim scrim-top"
      isOpen={isOpen}
      isDismissable
      onOpenChange={(open) => !open && close()}
    >
      <Modal className="palette">
        <Dialog aria-label="Commands" className="palette-dialog">
          <Commands />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Commands() {
  const bridge = useBridge();
  const [text, setText] = useState("");
  // As they are when the palette opens: under the hand that chooses, nothing moves.
  const [commands] = useState(() => allCommands(bridge));
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = commands.filter(({ name, detail = "" }) => {
    const haystack = `${name} ${detail}`.toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
  return (
    <Autocomplete inputValue={text} onInputChange={setText}>
      <SearchField aria-label="Command" autoFocus className="palette-search">
        <Input
          className="palette-input"
          placeholder="Type a command or a name…"
          onKeyDownCapture={(event) => {
            // A search field would only clear what was typed.
            if (event.key !== "Escape") return;
            event.stopPropagation();
            close();
          }}
        />
      </SearchField>
      <Menu
        className="menu palette-menu"
        aria-label="Commands"
        items={found.slice(0, shownAtMost)}
        renderEmptyState={() => <p className="palette-none soft">Nothing by that name.</p>}
        onAction={(key) => {
          close();
          commands.find((command) => command.id === key)?.run();
        }}
      >
        {(command) => (
          <MenuItem
            id={command.id}
            className="menu-item"
            textValue={`${command.name} ${command.detail ?? ""}`}
          >
            <span>{command.name}</span>
            {command.detail && <span className="faint palette-detail">{command.detail}</span>}
          </MenuItem>
        )}
      </Menu>
    </Autocomplete>
  );
}

function allCommands(bridge: Bridge): readonly Command[] {
  const { routes, backends, pools, tunnels, sandbox, update } = useMirror.getState();
  return [
    ...generalCommands(bridge, sandbox?.running ?? false),
    ...(update ? [{ id: "updates", name: "Check for updates", run: () => checkForUpdates(bridge) }] : []),
    ...routes.flatMap((route) => [
      { id: `show ${route.id}`, name: `Show route ${route.id}`, run: () => showRoute(route.id) },
      {
        id: `edit ${route.id}`,
        name: `Edit route ${route.id}`,
        detail: `${route.listen} → ${route.target}`,
        run: () => openSheet({ kind: "route", id: route.id }),
      },
      {
        id: `toggle ${route.id}`,
        name: `${isRunning(route.state) ? "Stop" : "Start"} route ${route.id}`,
        detail: routeCondition(route).word,
        run: () => toggleRoute(bridge, route.id),
      },
      ...(isRunning(route.state)
        ? [
            {
              id: `restart ${route.id}`,
              name: `Restart route ${route.id}`,
              run: () => restartRoute(bridge, route.id),
            },
          ]
        : []),
      {
        id: `connections ${route.id}`,
        name: `Connections of ${route.id}`,
        run: () => showConnections({ kind: "route", id: route.id }),
      },
    ]),
    ...backends.flatMap(({ id }) => [
      {
        id: `backend ${id}`,
        name: `Edit backend ${id}`,
        run: () => openSheet({ kind: "backend", id }),
      },
      {
        id: `test ${id}`,
        name: `Test backend ${id}`,
        run: () => openSheet({ kind: "examination", id }),
      },
      {
        id: `galvanometer ${id}`,
        name: `Open Galvanometer of ${id}`,
        run: () => void openGalvanometer(bridge, id),
      },
    ]),
    ...pools.map(({ id }) => ({
      id: `pool ${id}`,
      name: `Edit pool ${id}`,
      run: () => openSheet({ kind: "pool", id }),
    })),
    ...tunnels.map(({ id }) => ({
      id: `tunnel ${id}`,
      name: `Edit tunnel ${id}`,
      run: () => openSheet({ kind: "tunnel", id }),
    })),
  ];
}

function generalCommands(bridge: Bridge, sandbox: boolean): readonly Command[] {
  return [
    { id: "new-route", name: "New route", run: () => openSheet({ kind: "route", id: null }) },
    { id: "new-backend", name: "New backend", run: () => openSheet({ kind: "backend", id: null }) },
    { id: "new-tunnel", name: "New tunnel", run: () => openSheet({ kind: "tunnel", id: null }) },
    { id: "new-pool", name: "New pool", run: () => openSheet({ kind: "pool", id: null }) },
    { id: "start-all", name: "Start all routes", run: () => void startRoutes(bridge, routeIds(false)) },
    { id: "stop-all", name: "Stop all routes", run: () => stopRoutes(bridge, routeIds(true)) },
    { id: "routes", name: "Show routes", run: () => showScreen("routes") },
    { id: "backends", name: "Show backends", run: () => showScreen("backends") },
    { id: "pools", name: "Show pools", run: () => showScreen("pools") },
    { id: "tunnels", name: "Show tunnels", run: () => showScreen("tunnels") },
    { id: "connections", name: "Show connections", run: () => showConnections(null) },
    { id: "activity", name: "Show activity", run: () => showScreen("activity") },
    { id: "export", name: "Export the routes", run: () => showScreen("export") },
    { id: "settings", name: "Show settings", run: () => showScreen("settings") },
    { id: "import", name: "Import", run: () => openSheet({ kind: "import" }) },
    sandbox
      ? { id: "sandbox", name: "Show the sandbox", run: () => showScreen("sandbox") }
      : { id: "sandbox", name: "Start the sandbox", run: () => void startSandbox(bridge) },
    { id: "shortcuts", name: "Show shortcuts", run: () => useView.setState({ overlay: "shortcuts" }) },
  ];
}

function routeIds(running: boolean): readonly string[] {
  const { routes } = useMirror.getState();
  return routes.filter((route) => isRunning(route.state) === running).map((route) => route.id);
}
