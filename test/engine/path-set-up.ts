/** What tests of path routes start from. */
import type { EngineOptions } from "../../app/engine/engine-options.ts";
import { startHttpBackend, type Answering } from "../support/http-backend.ts";
import { get } from "../support/raw-http.ts";
import { cleanUp, runEngine } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend, type TcpBackendOptions } from "../support/tcp-backend.ts";

/** Requests to `/prod-1`, `{port}` to be filled in; and an answer that switches. */
export const upgrade = (token: string, extra: readonly string[] = []) =>
  get("/prod-1/amps/json", [`Upgrade: ${token}`, ...extra]).replace(
    "Connection: close",
    "Connection: Upgrade",
  );
export const webSocket = upgrade("websocket", [
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
]);
export const switching =
  "HTTP/1.1 101 Web Socket Protocol Handshake\r\nupgrade: WebSocket\r\nConnection: Upgrade\r\nX-Own: 1\r\n\r\n";

export interface SetUp {
  readonly admin?: Answering;
  readonly websocket?: TcpBackendOptions;
  readonly amps?: TcpBackendOptions;
  readonly route?: object;
  readonly backend?: object;
  readonly more?: readonly object[];
  readonly options?: EngineOptions;
}

/** One backend with all three endpoints behind `/prod-1`, and further routes where asked. */
export async function setUpPaths({
  admin,
  websocket,
  amps,
  route = {},
  backend = {},
  more = [],
  options = {},
}: SetUp = {}) {
  const http = await startHttpBackend(admin);
  const ws = await startTcpBackend(websocket);
  const tcp = await startTcpBackend(amps);
  for (const server of [http, ws, tcp]) cleanUp(() => server.close());
  const port = await freePort();
  const document = {
    version: 1,
    backends: [
      {
        id: "prod-1",
        admin: `http://127.0.0.1:${http.port}`,
        websocket: `ws://127.0.0.1:${ws.port}`,
        amps: `tcp://127.0.0.1:${tcp.port}`,
        ...backend,
      },
    ],
    routes: [
      { id: "p1", listen: port, path: "/prod-1", target: "prod-1", ...route },
      ...more.map((one) => ({ listen: port, target: "prod-1", ...one })),
    ],
  };
  const running = await runEngine(document, options);
  ws.forget();
  tcp.forget();
  return { ...running, http, ws, tcp, port, document };
}
