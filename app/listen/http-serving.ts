/** Serves the HTTP clients of one bound address: let in and read by a native door where there is one, by Node elsewhere. */
import type { Socket } from "node:net";
import type { ReadingDoor } from "../forward/native-door.ts";
import { resetSocket } from "../forward/reset.ts";
import { ExpectedAnswers } from "../http/expected-answers.ts";
import { createHttpEdge, type TlsFiles } from "../http/http-edge.ts";
import { enterUpgrade, noteUpgradeVisits, readUpgrade, type UpgradeReading } from "../http/upgrade-door.ts";
import { UpgradeForms } from "../http/upgrade-forms.ts";
import type { RawServerOptions, Serving } from "./raw-server.ts";

/** `tls`: the clients speak TLS to Shunt. */
export function createHttpServing(
  tls: TlsFiles | null,
  { forwarding, doors, admits, refuseFull }: RawServerOptions,
): Serving {
  const edge = createHttpEdge(forwarding, tls);
  const answers = new ExpectedAnswers();
  const forms = new UpgradeForms();
  let door: ReadingDoor | null = null;
  let isOver = false;
  edge.server.on("connection", admits);
  const openDoor = (): void => {
    const means = doors?.upgrades;
    if (!means || tls) return;
    const reading: UpgradeReading = { judge: edge.judge, admits, means, answers, forms };
    door = doors.openReading(edge.server, {
      read: (place, news) => readUpgrade(place, news, reading),
      entered: (place, serial, address) => enterUpgrade(place, serial, address, reading),
      visited: (serial, visits) => noteUpgradeVisits(serial, visits, reading),
      accept(client: Socket, bytes = null) {
        if (!admits(client)) return;
        if (isOver) resetSocket(client);
        else edge.enter(client, bytes);
      },
      full: refuseFull,
    });
    forms.use(door);
  };
  return {
    server: edge.server,
    update({ routes, names }) {
      edge.update(routes, names);
      forms.resume();
    },
    begin: openDoor,
    review: () => forms.renew(),
    hold: () => forms.hold(),
    close(served) {
      // Who has not said anything yet comes to `accept` now.
      isOver = !served;
      door?.close();
      edge.close(served);
    },
  };
}
