/** socat: a process a connection. */
import { freePort } from "../../support/free-port.ts";
import { startServing, type RunningForwarder, type Setting } from "./forwarder.ts";

export async function startSocat(program: string, { backendPort, cpu }: Setting): Promise<RunningForwarder> {
  const rawPort = await freePort();
  const listen = `TCP4-LISTEN:${rawPort},bind=127.0.0.1,fork,reuseaddr,nodelay,backlog=4096`;
  const child = await startServing(
    { command: program, args: [listen, `TCP4:127.0.0.1:${backendPort},nodelay`], cpu },
    [rawPort],
  );
  return { rawPort, httpPort: null, pids: [child.pid], stop: () => child.stop() };
}
