import type { ReactNode } from "react";
import { RouteUnderConditions } from "../conditions/RouteUnderConditions.tsx";
import { routeCondition, type Tone } from "./route-condition.ts";
import type { RouteLook } from "./route-look.ts";
import { RouteDraining } from "./RouteDraining.tsx";
import { RouteSessionListen } from "./RouteSessionListen.tsx";
import { RouteTrouble } from "./RouteTrouble.tsx";

interface RouteNoticesProps {
  readonly status: RouteLook;
  readonly tabbable: boolean;
  readonly columnCount: number;
}

/** What is out of the ordinary with a route, each in a row of its own below the route's. */
export function RouteNotices({ status, tabbable, columnCount }: RouteNoticesProps) {
  const { id, listen, state, connections, conditions, sessionListen } = status;
  const { trouble, tone } = routeCondition(status);
  return (
    <>
      {sessionListen && (
        <NoticeRow tone="warn" columnCount={columnCount}>
          <RouteSessionListen id={id} listen={listen} instead={sessionListen} tabbable={tabbable} />
        </NoticeRow>
      )}
      {conditions && (
        <NoticeRow tone="warn" columnCount={columnCount}>
          <RouteUnderConditions id={id} active={conditions} tabbable={tabbable} />
        </NoticeRow>
      )}
      {state === "draining" && (
        <NoticeRow tone="busy" columnCount={columnCount}>
          <RouteDraining id={id} left={connections.open} tabbable={tabbable} />
        </NoticeRow>
      )}
      {trouble && (
        <NoticeRow tone={tone} columnCount={columnCount}>
          <RouteTrouble status={status} tabbable={tabbable} />
        </NoticeRow>
      )}
    </>
  );
}

interface NoticeRowProps {
  readonly tone: Tone;
  readonly columnCount: number;
  readonly children: ReactNode;
}

function NoticeRow({ tone, columnCount, children }: NoticeRowProps) {
  return (
    <tr className="trouble-row" data-tone={tone}>
      <td colSpan={columnCount}>{children}</td>
    </tr>
  );
}
