import type { IncomingMessage } from "node:http";
import type { RouteConfig } from "../contract/config.ts";
import type { Forwarding } from "../forward/forwarding.ts";
import type { ListenerNames } from "./origin-guard.ts";
import type { PathEntry } from "./path-table.ts";

/** A request that has been judged and matched. */
export interface MatchedRequest {
  readonly request: IncomingMessage;
  readonly target: string;
  readonly entry: PathEntry<RouteConfig>;
  readonly names: ListenerNames;
  readonly forwarding: Forwarding;
}
