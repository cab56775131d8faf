import {
  Cable,
  Copy,
  CopyPlus,
  Ellipsis,
  Gauge,
  PanelTop,
  Pencil,
  Power,
  RotateCw,
  ScrollText,
  Trash2,
  Waves,
} from "lucide-react";
import { memo } from "react";
import { Menu, MenuItem, MenuTrigger, Popover, Separator } from "react-aria-components";
import type { RouteStatus } from "../../../app/contract/snapshot.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { openGalvanometer } from "../galvanometer/open-galvanometer.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { openSheet, showConnections, showRoute, useView } from "../view/view-store.ts";
import { deleteRoutes, retryRoute, toggleRoute } from "./route-actions.ts";
import { isRunning } from "./route-condition.ts";

export interface RouteMenuProps {
  readonly status: RouteStatus;
  readonly tabbable: boolean;
  readonly onCopyAddress: () => void;
}

/** Everything that can be done to one route; Delete last. */
export const RouteMenu = memo(function RouteMenu({ status, tabbable, onCopyAddress }: RouteMenuProps) {
  const bridge = useBridge();
  const { id, state, target } = status;
  const hasGalvanometer = useMirror(({ saved }) =>
    saved?.config.backends.some((backend) => backend.id === target && backend.admin !== undefined),
  );
  const act = (key: string): void => {
    switch (key) {
      case "details":
        return showRoute(id);
      case "edit":
        return openSheet({ kind: "route", id });
      case "clone":
        return openSheet({ kind: "route", id: null, like: id });
      case "address":
        return onCopyAddress();
      case "connections":
        return showConnections(id);
      case "activity":
        useView.setState({ screen: "activity", activityRoute: id });
        return;
      case "galvanometer":
        return void openGalvanometer(bridge, target);
      case "conditions":
        return openSheet({ kind: "conditions", id });
      case "toggle":
        return toggleRoute(bridge, id);
      case "retry":
        return void retryRoute(bridge, id);
      case "delete":
        return deleteRoutes(bridge, [id]);
    }
  };
  return (
    <MenuTrigger>
      <Button look="quiet" size="icon" aria-label={`More for ${id}`} excludeFromTabOrder={!tabbable}>
        <Ellipsis />
      </Button>
      <Popover className="popover" placement="bottom end">
        <Menu className="menu" onAction={(key) => act(String(key))}>
          <MenuItem id="details" className="menu-item">
            <PanelTop /> Details <span className="kbd">Enter</span>
          </MenuItem>
          <MenuItem id="edit" className="menu-item">
            <Pencil /> Edit <span className="kbd">E</span>
          </MenuItem>
          <MenuItem id="clone" className="menu-item">
            <CopyPlus /> Clone
          </MenuItem>
          <MenuItem id="address" className="menu-item">
            <Copy /> Copy address… <span className="kbd">C</span>
          </MenuItem>
          <Separator className="menu-separator" />
          {hasGalvanometer && (
            <MenuItem id="galvanometer" className="menu-item">
              <Gauge /> Open Galvanometer
            </MenuItem>
          )}
          <MenuItem id="connections" className="menu-item">
            <Cable /> Show connections
          </MenuItem>
          <MenuItem id="activity" className="menu-item">
            <ScrollText /> Show activity
          </MenuItem>
          <Separator className="menu-separator" />
          <MenuItem id="conditions" className="menu-item">
            <Waves /> Conditions…
          </MenuItem>
          <MenuItem id="toggle" className="menu-item">
            <Power /> {isRunning(state) ? "Disable" : "Enable"} <span className="kbd">Space</span>
          </MenuItem>
          {state === "failed" && (
            <MenuItem id="retry" className="menu-item">
              <RotateCw /> Retry
            </MenuItem>
          )}
          <Separator className="menu-separator" />
          <MenuItem id="delete" className="menu-item" data-look="danger">
            <Trash2 /> Delete <span className="kbd">Del</span>
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
});
