/** What a client really does, told from the commands that pass (amps-facts 2.4). Pure. */
import type { ClientRole } from "../contract/config.ts";

/** What can be seen of a client, the strictest first. */
const byStrictness = ["publishers", "queue-consumers", "bookmark-subscribers", "subscribers"] as const;
export type SeenRole = (typeof byStrictness)[number];

const subscribing = new Set(["subscribe", "delta_subscribe", "sow_and_subscribe", "sow_and_delta_subscribe"]);

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(header: string): Fields | null {
  try {
    const fields: unknown = JSON.parse(header);
    return typeof fields === "object" && fields !== null ? (fields as Fields) : null;
  } catch {
    return null;
  }
}

/** Both spellings of a field, as text; empty where it is absent. */
function text(fields: Fields, ...names: readonly string[]): string {
  for (const name of names) {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (typeof value === "string" && value !== "") return value;
  }
  return "";
}

const isQueueOption = (options: string): boolean => /(^|,)\s*max_backlog=/.test(options);

/** What a client's command makes it; null where the command says nothing (a logon, a heartbeat, an acknowledgement asked for). */
export function roleOfCommand(header: string): SeenRole | null {
  const fields = fieldsOf(header);
  if (!fields) return null;
  const command = text(fields, "c");
  const bookmark = text(fields, "bm", "bookmark");
  if (command === "p" || command === "publish" || command === "delta_publish") return "publishers";
  if (command === "sow_delete") return bookmark === "" ? "publishers" : "queue-consumers";
  if (command === "sow") return "subscribers";
  if (!subscribing.has(command)) return null;
  if (isQueueOption(text(fields, "o", "opts", "options"))) return "queue-consumers";
  return bookmark === "" ? "subscribers" : "bookmark-subscribers";
}

/** What the server's answer makes of its client: only a queue shows there. */
export function roleOfDelivery(header: string): SeenRole | null {
  const fields = fieldsOf(header);
  if (!fields) return null;
  const isLeased = text(fields, "lp") !== "";
  const isQueueAck = text(fields, "c") === "ack" && isQueueOption(text(fields, "o", "opts", "options"));
  return isLeased || isQueueAck ? "queue-consumers" : null;
}

export function isStricter(role: SeenRole, than: SeenRole | null): boolean {
  return than === null || byStrictness.indexOf(role) < byStrictness.indexOf(than);
}

/** In words, of one client: `publishes`. */
export function describeRole(role: ClientRole): string {
  switch (role) {
    case "publishers":
      return "publishes";
    case "queue-consumers":
      return "consumes a queue";
    case "bookmark-subscribers":
      return "subscribes with a bookmark";
    case "subscribers":
      return "subscribes";
    case "mixed":
      return "does several things";
  }
}
