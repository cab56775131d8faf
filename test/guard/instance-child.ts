/**
 * One sandbox instance in a process of its own, so that it can be killed as a machine would: `name` of the two, `ports` of
 * both as JSON by name. Says `running` when it is; `downgrade` on its input makes its link asynchronous.
 */
import { AmpsInstance } from "../../app/sandbox/amps-instance.ts";
import { systemClock } from "../../app/sandbox/clock.ts";
import type { InstancePorts } from "../../app/sandbox/port-plan.ts";
import { sandboxAuthenticate } from "../../app/sandbox/session/authenticate.ts";

const [name = "", ports = "{}"] = process.argv.slice(2);
const planned = JSON.parse(ports) as Record<string, InstancePorts>;

const instances = Object.entries(planned).map(
  ([id, own]) =>
    new AmpsInstance({
      name: id,
      sandbox: "killable",
      ports: own,
      clock: systemClock,
      random: Math.random,
      authenticate: sandboxAuthenticate,
      statisticsIntervalMs: 500,
      ackIntervalMs: 50,
      leaseMs: 30_000,
      load: null,
      externalAdminAddress: null,
      sqlTransportAddress: null,
      onChanged: () => undefined,
    }),
);
const own = instances.find((instance) => instance.name === name);
if (!own) throw new Error(`there is no ${name}`);
own.replicateTo(
  instances.filter((instance) => instance !== own),
  "sync",
);
await own.start();
if (JSON.stringify(own.ports) !== JSON.stringify(planned[name])) throw new Error("another took a port");
process.stdin.on("data", (text) => {
  if (text.toString().includes("downgrade")) for (const link of own.links()) link.downgrade();
});
process.stdin.on("end", () => process.exit());
process.stdout.write("running\n");
