import type { Handler } from "./session.ts";
import { Heartbeat } from "./heartbeat.ts";

const maxIntervalSeconds = 3_600;

/** `start,<seconds>` begins or restarts the beats, `stop` ends them, `beat` is the client's own. */
export const takeHeartbeat: Handler = (session, _identity, command) => {
  const [verb = "", interval = ""] = command.options.split(",");
  if (verb === "beat") return session.heartbeat?.onBeat();
  const seconds = Number(interval);
  if (verb === "start" && seconds > 0 && seconds <= maxIntervalSeconds) {
    session.heartbeat?.stop();
    session.heartbeat = new Heartbeat({
      clock: session.host.clock,
      intervalMs: seconds * 1000,
      beat: () => session.send({ c: "heartbeat" }),
      onMissed: () => session.end("heartbeat"),
    });
  } else if (verb === "stop") {
    session.heartbeat?.stop();
    session.heartbeat = null;
  } else return session.refuse(command, "bad heartbeat option");
  session.acknowledge(command, "received");
  session.acknowledge(command, "processed");
};
