import type { IncomingMessage } from "node:http";
import type { RouteConfig } from "../contract/config.ts";
import type { Forwarding } from "../forward/forwarding.ts";
import type { HeaderFacts } from "./forwarded-headers.ts";
import type { ListenerNames } from "./origin-guard.ts";
import type { PathEntry } from "./path-table.ts";

/** A request's head as it was read, by Node's parser or at a glance (plain-head.ts). */
export type RequestFacts = HeaderFacts & Pick<IncomingMessage, "method" | "url" | "httpVersion">;

/** A request that has been judged and matched. */
export interface MatchedRequest<R extends RequestFacts = RequestFacts> {
  readonly request: R;
  readonly target: string;
  readonly entry: PathEntry<RouteConfig>;
  readonly names: ListenerNames;
  readonly forwarding: Forwarding;
}
