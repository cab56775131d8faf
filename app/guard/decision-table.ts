/** May clients of a role leave one member for another, given the link between them? The table of amps-facts 6.3. Pure. */
import type { ClientRole } from "../contract/config.ts";
import type { LinkState } from "../contract/snapshot.ts";

export type Verdict = "allow" | "warn" | "refuse";

interface Decision {
  readonly verdict: Verdict;
  /** What it means for the clients; a sentence. */
  readonly why: string;
}

const whatIsLost: Readonly<Record<Exclude<ClientRole, "subscribers">, string>> = {
  publishers: "messages that were acknowledged may be missing there",
  "queue-consumers": "messages may be missing there, or be delivered twice",
  "bookmark-subscribers": "the place they resume from may be missing there",
  mixed: "messages that were acknowledged may be missing there",
};

const stored =
  "everything acknowledged is there, and what was not acknowledged is with the publishers that keep a store";

export function decide(role: ClientRole, link: LinkState): Decision {
  if (role === "subscribers") return decideForSubscribers(link);
  if (link === "sync") return { verdict: "allow", why: "Everything that was acknowledged is there." };
  if (link === "disconnected") return { verdict: "warn", why: `${capital(stored)}.` };
  return { verdict: "refuse", why: `${capital(whatIsLost[role])}.` };
}

function decideForSubscribers(link: LinkState): Decision {
  switch (link) {
    case "sync":
      return { verdict: "allow", why: "The data is the same." };
    case "disconnected":
    case "downgraded":
    case "async":
    case "unknown":
      return { verdict: "warn", why: "The data there may be older." };
    case "none":
      return { verdict: "refuse", why: "Nothing says that the data there is the same." };
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
