/** Turns activity into notices: one when an outage has lasted a moment, one when it is over, never a flood. */
import type { ActivityEntry } from "../../app/contract/activity.ts";
import type { ShellWish } from "../../app/contract/bridge.ts";
import type { NoticeSubject } from "./muted-routes.ts";
import { plural } from "./quit-decision.ts";

interface Notice {
  readonly title: string;
  readonly body: string;
  /** Where a click leads. */
  readonly wish: ShellWish;
}

/** An outage shorter than this is only in the activity: a restart is no news. */
const settleMs = 3_000;
const windowMs = 60_000;
const maxPerWindow = 5;

interface Outage {
  readonly notice: Notice;
  readonly recovered: Omit<Notice, "wish">;
  readonly subject: NoticeSubject;
  readonly sinceMs: number;
  /** Whether the operator has been told; `quiet`: was not to be. */
  told: "not-yet" | "yes" | "quiet";
}

/** Something that waits to be told, and what it is about. */
interface Waiting {
  readonly notice: Notice;
  readonly subject: NoticeSubject;
}

interface OutageTracker {
  observe(entries: readonly ActivityEntry[], nowMs: number): void;
  /** The notices that are due, at most five a minute; what is over that is folded into one. */
  due(nowMs: number): readonly Notice[];
  /** True while something waits for `due`. */
  hasPending(): boolean;
}

/** `isQuiet`: what the operator wants to hear nothing of, asked when a notice is due. */
export function createOutageTracker(
  isQuiet: (subject: NoticeSubject) => boolean = () => false,
): OutageTracker {
  const outages = new Map<string, Outage>();
  let recoveries: Waiting[] = [];
  let news: Waiting[] = [];
  let shownAtMs: number[] = [];

  const end = (key: string) => {
    const outage = outages.get(key);
    outages.delete(key);
    if (outage?.told !== "yes") return;
    const { recovered, notice, subject } = outage;
    recoveries.push({ notice: { ...recovered, wish: notice.wish }, subject });
  };

  return {
    observe(entries, nowMs) {
      for (const entry of entries) {
        if (entry.event === "role-exceeded") news.push(roleNotice(entry));
        const change = outageChange(entry);
        if (change === null) continue;
        if (change.to === "up") end(change.key);
        if (change.to === "gone") outages.delete(change.key);
        if (change.to !== "down" || outages.has(change.key)) continue;
        outages.set(change.key, {
          notice: change.notice,
          recovered: change.recovered,
          subject: change.subject,
          sinceMs: nowMs,
          told: "not-yet",
        });
      }
    },
    due(nowMs) {
      const lasting = [...outages.values()].filter(
        (outage) => outage.told === "not-yet" && nowMs - outage.sinceMs >= settleMs,
      );
      for (const outage of lasting) outage.told = isQuiet(outage.subject) ? "quiet" : "yes";
      const waiting = [...lasting, ...recoveries, ...news]
        .filter(({ subject }) => !isQuiet(subject))
        .map(({ notice }) => notice);
      recoveries = [];
      news = [];
      shownAtMs = shownAtMs.filter((atMs) => nowMs - atMs < windowMs);
      const notices = folded(waiting, maxPerWindow - shownAtMs.length);
      shownAtMs.push(...notices.map(() => nowMs));
      return notices;
    },
    hasPending: () =>
      recoveries.length + news.length > 0 ||
      [...outages.values()].some((outage) => outage.told === "not-yet"),
  };
}

/** A client where it does not belong: no outage, and told at once. */
function roleNotice({ route = "", message }: ActivityEntry): Waiting {
  const notice: Notice = {
    title: `A client of route ${route} is more than a subscriber`,
    body: message,
    wish: { do: "show", screen: "activity", id: route },
  };
  return { notice, subject: { route } };
}

function folded(waiting: readonly Notice[], room: number): readonly Notice[] {
  if (waiting.length <= room) return waiting;
  if (room <= 0) return [];
  const rest = waiting.length - (room - 1);
  const summary: Notice = {
    title: `${plural(rest, "more change")} in Shunt`,
    body: "The activity lists them.",
    wish: { do: "show", screen: "activity" },
  };
  return [...waiting.slice(0, room - 1), summary];
}

type OutageChange =
  | { readonly to: "up"; readonly key: string }
  | { readonly to: "gone"; readonly key: string }
  | {
      readonly to: "down";
      readonly key: string;
      readonly notice: Notice;
      readonly recovered: Omit<Notice, "wish">;
      readonly subject: NoticeSubject;
    };

function outageChange(entry: ActivityEntry): OutageChange | null {
  const { route = "", backend = "" } = entry;
  switch (entry.event) {
    case "route-failed":
    case "route-held":
      return down(entry, {
        key: `route ${route}`,
        name: `Route ${route}`,
        subject: { route },
        wish: { do: "show", screen: "routes", id: route },
      });
    case "route-listening":
    case "route-released":
      return { to: "up", key: `route ${route}` };
    // An operator stopped it: the outage is over, and there is nothing to celebrate.
    case "route-stopped":
      return { to: "gone", key: `route ${route}` };
    case "backend-down":
      return down(entry, {
        key: `backend ${backend}`,
        name: `Backend ${backend}`,
        subject: { backend },
        wish: { do: "show", screen: "backends", id: backend },
      });
    case "link-downgraded":
      return down(entry, {
        key: `links of ${backend}`,
        name: `A link of ${backend}`,
        subject: { backend },
        wish: { do: "show", screen: "pools" },
      });
    case "link-restored":
      return { to: "up", key: `links of ${backend}` };
    // The links begin anew, and a downgrade that comes then is news again.
    case "backend-restarted":
      return { to: "gone", key: `links of ${backend}` };
    case "backend-up":
      return { to: "up", key: `backend ${backend}` };
    default:
      return null;
  }
}

interface Ailing {
  readonly key: string;
  readonly name: string;
  readonly subject: NoticeSubject;
  readonly wish: ShellWish;
}

function down(entry: ActivityEntry, { key, name, subject, wish }: Ailing): OutageChange | null {
  if (("route" in subject ? subject.route : subject.backend) === "") return null;
  const { now, then, thenBody } = wordsOf(entry.event);
  return {
    to: "down",
    key,
    notice: { title: `${name} ${now}`, body: entry.message, wish },
    recovered: { title: `${name} ${then}`, body: thenBody },
    subject,
  };
}

function wordsOf(event: ActivityEntry["event"]) {
  const accepted = { then: "works again", thenBody: "New connections are accepted." };
  if (event === "link-downgraded")
    return {
      now: "was downgraded",
      then: "is sync again",
      thenBody: "It has caught up: its clients could go on at the other member.",
    };
  if (event === "route-held") return { ...accepted, now: "is held" };
  return { ...accepted, now: event === "route-failed" ? "has failed" : "is down" };
}
