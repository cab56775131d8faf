import {
  Bell,
  BellOff,
  Cable,
  Copy,
  CopyPlus,
  ExternalLink,
  Gauge,
  Link,
  PanelTop,
  Pencil,
  Power,
  RefreshCw,
  RotateCw,
  ScrollText,
  Trash2,
  Waves,
} from "lucide-react";
import { useBridge } from "../bridge/bridge-context.ts";
import { RowMenu } from "../design/RowMenu.tsx";
import { openGalvanometer } from "../galvanometer/open-galvanometer.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { useIsMuted } from "../settings/shell-settings.ts";
import { openSheet, showActivity, showConnections, showRoute } from "../view/view-store.ts";
import { copyLink, deleteRoutes, muteRoute, restartRoute, retryRoute, toggleRoute } from "./route-actions.ts";
import { hasPage, openRoutePage } from "./route-page.ts";

export interface RouteMenuProps {
  readonly id: string;
  readonly target: string;
  readonly running: boolean;
  readonly failed: boolean;
  readonly tabbable: boolean;
  readonly onCopyAddress: () => void;
  readonly onCopyListen: () => void;
}

/** Everything that can be done to one route; Delete last. */
export function RouteMenu({
  id,
  target,
  running,
  failed,
  tabbable,
  onCopyAddress,
  onCopyListen,
}: RouteMenuProps) {
  const bridge = useBridge();
  const muted = useIsMuted(id);
  const hasGalvanometer = useMirror(({ saved }) =>
    saved?.config.backends.some((backend) => backend.id === target && backend.admin !== undefined),
  );
  const hasOwnPage = useMirror(({ saved }) => saved !== null && hasPage(saved.config, id));
  return (
    <RowMenu
      name={id}
      tabbable={tabbable}
      groups={[
        [
          item("details", <PanelTop />, "Details", () => showRoute(id), "Enter"),
          item("edit", <Pencil />, "Edit", () => openSheet({ kind: "route", id }), "E"),
          item("clone", <CopyPlus />, "Clone", () => openSheet({ kind: "route", id: null, like: id })),
          item("address", <Copy />, "Copy address…", onCopyAddress, "C"),
          item("listen", <Copy />, "Copy host:port", onCopyListen, "Ctrl C"),
          // It opens the desktop app, which a browser's page is not.
          bridge.shell !== null && item("link", <Link />, "Copy link", () => void copyLink(bridge, id)),
        ],
        [
          hasGalvanometer === true &&
            item("galvanometer", <Gauge />, "Open Galvanometer", () => void openGalvanometer(bridge, target)),
          hasOwnPage &&
            item("page", <ExternalLink />, "Open in browser", () => void openRoutePage(bridge, id)),
          item("connections", <Cable />, "Show connections", () => showConnections({ kind: "route", id })),
          item("activity", <ScrollText />, "Show activity", () => showActivity({ kind: "route", id })),
        ],
        [
          item("conditions", <Waves />, "Conditions…", () => openSheet({ kind: "conditions", id })),
          bridge.shell !== null &&
            item("mute", muted ? <Bell /> : <BellOff />, muted ? "Notify again" : "Mute notifications", () =>
              muteRoute(bridge, id, !muted),
            ),
          item("toggle", <Power />, running ? "Stop" : "Start", () => toggleRoute(bridge, id), "Space"),
          running &&
            !failed &&
            item("restart", <RefreshCw />, "Restart", () => restartRoute(bridge, id), "R"),
          failed && item("retry", <RotateCw />, "Retry", () => void retryRoute(bridge, id)),
        ],
        [
          {
            ...item("delete", <Trash2 />, "Delete", () => deleteRoutes(bridge, [id]), "Del"),
            isDangerous: true,
          },
        ],
      ]}
    />
  );
}

function item(id: string, icon: React.ReactNode, label: string, act: () => void, shortcut?: string) {
  return { id, icon, label, act, ...(shortcut !== undefined && { shortcut }) };
}
