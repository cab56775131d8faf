import type { LinkState } from "../../../app/contract/bridge.ts";
import { Button } from "../design/Button.tsx";
import { formatClock, plural } from "../design/format.ts";
import { StateMark } from "../design/StateMark.tsx";
import type { Mirror } from "../mirror/mirror-store.ts";
import { useMirrored } from "../mirror/use-mirrored.ts";
import { type Condition, countTrouble } from "../routes/route-condition.ts";
import { showScreen, useView } from "../view/view-store.ts";

const links: Readonly<Record<LinkState, Condition>> = {
  connecting: { tone: "busy", shape: "spinner", word: "Connecting", trouble: false },
  live: { tone: "ok", shape: "disc", word: "Live", trouble: false },
  lost: { tone: "bad", shape: "cross", word: "Link lost: what you see may be old", trouble: true },
};

/** The line below: whether what is shown is live, what is in trouble, who can reach the listeners. */
export function StatusStrip() {
  const { link, lostSince, notice, trouble, altered, exposed } = useMirrored(worthSaying);
  return (
    <footer className="strip">
      <span className="strip-item" data-link={link} role="status">
        <StateMark condition={links[link]} />
        {links[link].word}
        {lostSince !== "" && (
          <span className="soft">since {formatClock(lostSince, new Date())}, reconnecting…</span>
        )}
      </span>
      {trouble > 0 && (
        <Button look="link" onPress={() => showRoutes({ routeState: "trouble", routeText: "" })}>
          {plural(trouble, "route")} in trouble
        </Button>
      )}
      {altered.length > 0 && (
        <span className="strip-item strip-warning">
          <span aria-hidden>▲</span>
          <Button
            look="link"
            onPress={() =>
              showRoutes({ routeState: "all", routeText: altered.length === 1 ? (altered[0] ?? "") : "" })
            }
          >
            {plural(altered.length, "route")} under conditions
          </Button>
        </span>
      )}
      {exposed.length > 0 && (
        <span className="strip-item strip-warning">
          <span aria-hidden>▲</span>
          Others on your network can reach{" "}
          <Button look="link" onPress={() => showRoutes({ routeState: "all", routeText: exposed[0] ?? "" })}>
            {exposed.join(", ")}
          </Button>
        </span>
      )}
      {notice && (
        <Button look="link" onPress={() => useView.setState({ screen: "settings" })}>
          About the configuration file
        </Button>
      )}
      <span className="strip-end">
        <Button look="link" onPress={() => useView.setState({ overlay: "shortcuts" })}>
          Shortcuts
        </Button>{" "}
        <span className="kbd">?</span>
      </span>
    </footer>
  );
}

function worthSaying({ link, time, saved, routes }: Mirror) {
  const exposed = routes.filter((route) => route.exposed && route.state !== "stopped");
  return {
    link,
    lostSince: link === "lost" ? time : "",
    notice: saved?.notice ?? null,
    trouble: countTrouble(routes),
    /** The ids of the routes under conditions. */
    altered: routes.filter((route) => route.conditions !== null).map(({ id }) => id),
    /** The addresses that others can reach. */
    exposed: [...new Set(exposed.map(({ listen }) => listen))],
  };
}

function showRoutes(filter: { readonly routeState: "all" | "trouble"; readonly routeText: string }): void {
  showScreen("routes");
  useView.setState(filter);
}
