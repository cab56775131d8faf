/** Serves the HTTP clients of one bound address: let in and read by a native door where there is one, by Node elsewhere. */
import type { Socket } from "node:net";
import type { Door } from "../forward/native-door.ts";
import { resetSocket } from "../forward/reset.ts";
import { ExpectedAnswers } from "../http/expected-answers.ts";
import { createHttpEdge, type TlsFiles } from "../http/http-edge.ts";
import { readUpgrade } from "../http/upgrade-door.ts";
import type { RawServerOptions, Serving } from "./raw-server.ts";

/** `tls`: the clients speak TLS to Shunt. */
export function createHttpServing(
  tls: TlsFiles | null,
  { forwarding, doors, admits, refuseFull }: RawServerOptions,
): Serving {
  const edge = createHttpEdge(forwarding, tls);
  const answers = new ExpectedAnswers();
  let door: Pick<Door, "close"> | null = null;
  let isOver = false;
  edge.server.on("connection", admits);
  const openDoor = (): void => {
    const means = doors?.upgrades;
    if (!means || tls) return;
    door = doors.openReading(edge.server, {
      read: (place, news) => readUpgrade(place, news, { judge: edge.judge, admits, means, answers }),
      accept(client: Socket, bytes = null) {
        if (!admits(client)) return;
        if (isOver) resetSocket(client);
        else edge.enter(client, bytes);
      },
      full: refuseFull,
    });
  };
  return {
    server: edge.server,
    update: ({ routes, names }) => edge.update(routes, names),
    begin: openDoor,
    review: () => undefined,
    hold: () => undefined,
    close(served) {
      // Who has not said anything yet comes to `accept` now.
      isOver = !served;
      door?.close();
      edge.close(served);
    },
  };
}
