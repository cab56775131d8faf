import { type CSSProperties, useMemo } from "react";
import { ConnectionTable } from "../connections/ConnectionTable.tsx";
import { useConnections } from "../connections/use-connections.ts";
import { formatCount } from "../design/format.ts";

/** Who is connected to a route. Apart from the rest of it: they are others four times a second. */
export function LiveConnections({ id, isRunning }: { readonly id: string; readonly isRunning: boolean }) {
  const all = useConnections();
  const connections = useMemo(() => all?.filter(({ route }) => route === id) ?? [], [all, id]);
  return (
    <section
      aria-labelledby="connections-title"
      className="route-detail-connections"
      style={{ "--rows": connections.length } as CSSProperties}
    >
      <h2 id="connections-title">
        Live connections {all && <span className="soft">{formatCount(connections.length)}</span>}
      </h2>
      {connections.length > 0 ? (
        <ConnectionTable label={`Connections of ${id}`} connections={connections} ofOneRoute />
      ) : (
        all && (
          <p className="soft">
            {isRunning ? "Nobody is connected." : "The route is stopped: nobody can connect."}
          </p>
        )
      )}
    </section>
  );
}
