import { flush } from "./flush.ts";
import { takeHeartbeat } from "./take-heartbeat.ts";
import { publish } from "./publish.ts";
import { query } from "./query.ts";
import { sowDelete } from "./sow-delete.ts";
import type { Handler } from "./session.ts";
import { subscribe, unsubscribe } from "./subscribe.ts";

/** Every command that a logged-on client may send. The delta forms get whole messages, which AMPS also allows. */
export const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ["publish", publish],
  ["p", publish],
  ["delta_publish", publish],
  ["subscribe", subscribe],
  ["delta_subscribe", subscribe],
  ["sow", query],
  ["sow_and_subscribe", query],
  ["sow_and_delta_subscribe", query],
  ["unsubscribe", unsubscribe],
  ["sow_delete", sowDelete],
  ["flush", flush],
  ["heartbeat", takeHeartbeat],
]);
