/** What tests of path routes start from. */
import { startHttpBackend, type Answering } from "../support/http-backend.ts";
import { cleanUp, runEngine } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend, type TcpBackendOptions } from "../support/tcp-backend.ts";

export interface SetUp {
  readonly admin?: Answering;
  readonly websocket?: TcpBackendOptions;
  readonly amps?: TcpBackendOptions;
  readonly route?: object;
  readonly backend?: object;
  readonly more?: readonly object[];
}

/** One backend with all three endpoints behind `/prod-1`, and further routes where asked. */
export async function setUpPaths({
  admin,
  websocket,
  amps,
  route = {},
  backend = {},
  more = [],
}: SetUp = {}) {
  const http = await startHttpBackend(admin);
  const ws = await startTcpBackend(websocket);
  const tcp = await startTcpBackend(amps);
  for (const server of [http, ws, tcp]) cleanUp(() => server.close());
  const port = await freePort();
  const running = await runEngine({
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
  });
  ws.forget();
  tcp.forget();
  return { ...running, http, ws, tcp, port };
}
