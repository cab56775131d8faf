/** What a headless Shunt says of a backend's Galvanometer, made up. */
import type { GalvanometerOpening } from "../../app/contract/galvanometer.ts";

const admin = (element: string): string =>
  `<AMPSConfig>\n  <Admin>\n    ${element}\n  </Admin>\n</AMPSConfig>`;

export function fakeOpening(backend: string, address: string): GalvanometerOpening {
  return {
    backend,
    how: "browser",
    address: `${address}/`,
    uncovered: [{ name: "amps-prod-3", admin: "http://amps-prod-3.internal:8085" }],
    pages: [
      { route: "host", url: `http://${backend}.localhost:8080/`, sql: true },
      { route: "web", url: `http://127.0.0.1:8080/${backend}/`, sql: false },
    ],
    limits: [
      {
        what: "The replication view stays incomplete",
        why: "The browser itself polls the other instances by the host names in AMPS's configuration, which it cannot reach.",
        where: `In the AMPS configuration of each instance that ${backend} replicates to.`,
        fragment: admin("<ExternalInetAddr>127.0.0.1:8185</ExternalInetAddr>"),
      },
      {
        what: "The SQL page does not connect",
        why: "It connects to the page's own host and the port of AMPS's SQL transport (9008), where Shunt does not listen.",
        where: `In the AMPS configuration of ${backend}.`,
        fragment: admin(`<SQLTransportInetAddr>127.0.0.1:8080/${backend}</SQLTransportInetAddr>`),
      },
    ],
    command: `shunt galvanometer ${backend} --config /home/ops/.config/Shunt/config.json`,
  };
}
