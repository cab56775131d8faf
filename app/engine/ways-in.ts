/** Where clients come in, and what carries them: listeners, doors, movers, and the conditions that routes are under. */
import { RouteConditions } from "../conditions/route-conditions.ts";
import { ClientRoom } from "../forward/client-room.ts";
import type { Forwarding } from "../forward/forwarding.ts";
import { showManyShapes } from "../forward/socket-options.ts";
import { Vigil } from "../forward/vigil.ts";
import { createAdmission } from "../listen/admission.ts";
import { chooseMover } from "./choose-mover.ts";
import type { EngineOptions } from "./engine-options.ts";
import type { EngineHub } from "./engine-hub.ts";
import { entranceOf, upgradeEntranceOf } from "./entrance.ts";
import { ListenerSet } from "./listener-set.ts";
import { createReach } from "./reach.ts";
import type { Watches } from "./watches.ts";

/** Below so many an operator is told at the start. */
const fewClients = 400;

export function createWaysIn(hub: EngineHub, watches: Watches, options: EngineOptions) {
  const { note, registry, changed } = hub;
  const config = () => hub.config;
  const conditions = new RouteConditions({
    config,
    note,
    onChange() {
      listeners.review();
      changed();
    },
  });
  showManyShapes();
  const room = new ClientRoom();
  const { takeOver, doors, status } = chooseMover(options.native, {
    room,
    entranceOf: (route) => entranceOf(hub.config, route, conditions.areOn(route.id)),
    upgradeEntranceOf: (route, kind) =>
      upgradeEntranceOf(hub.config, route, kind, conditions.areOn(route.id)),
  });
  // The addon keeps its own.
  if (!status.native) {
    const vigil = new Vigil();
    registry.onStir(() => vigil.note());
  }
  registry.onLook(() => doors?.look());
  const reaching = createReach({ config, registry, ...watches });
  const forwarding: Forwarding = { registry, takeOver, note, ...reaching, ...conditions.over(reaching) };
  const admission = createAdmission(room);
  if (admission.most !== null && admission.most < fewClients) tellOfFew(hub, admission.most);
  const listeners = new ListenerSet({ admission, doors, forwarding, note, onChange: changed });
  return { conditions, doors, listeners, moverStatus: status };
}

function tellOfFew({ note }: EngineHub, most: number): void {
  note({
    event: "limit-low",
    severity: "warning",
    code: "TOO_MANY_CONNECTIONS",
    message: `The system's limit on open files leaves room for ${most} clients at once; raise it with ulimit -n.`,
  });
}
