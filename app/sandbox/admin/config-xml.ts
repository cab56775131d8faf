import type { InstanceView } from "./instance-view.ts";
import { escapeXml } from "./render.ts";

/** The live configuration as AMPS would show it at `/amps/instance/config.xml`. */
export function configXml(instance: InstanceView): string {
  const element = (name: string, value: string) => `<${name}>${escapeXml(value)}</${name}>`;
  const optional = (name: string, value: string | null) => (value === null ? [] : [element(name, value)]);
  const admin = [
    element("InetAddr", `127.0.0.1:${instance.adminPort()}`),
    ...optional("ExternalInetAddr", instance.externalAdminAddress),
    element("SQLTransport", "amps-websocket"),
    ...optional("SQLTransportInetAddr", instance.sqlTransportAddress),
    element("Interval", `${instance.statisticsIntervalMs}ms`),
  ];
  const transports = instance.transports().map((transport) => {
    const isReplication = transport.protocol === "amps-replication";
    const kind = isReplication
      ? element("Type", "amps-replication")
      : element("Type", "tcp") + element("Protocol", transport.protocol);
    const inner = element("Name", transport.name) + kind + element("InetAddr", `127.0.0.1:${transport.port}`);
    return `    <Transport>${inner}</Transport>`;
  });
  const destinations = instance.links().map(({ options }) => {
    const address = element("InetAddr", `127.0.0.1:${options.port()}`) + element("Type", "amps-replication");
    const inner = element("Name", options.to) + element("SyncType", options.configured);
    return `    <Destination>${inner}<Transport>${address}</Transport></Destination>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<!-- SANDBOX: simulated by Shunt -->
<AMPSConfig>
  ${element("Name", instance.name)}
  ${element("Group", "sandbox")}
  <Admin>${admin.join("")}</Admin>
  <Transports>
${transports.join("\n")}
  </Transports>
  <Replication>
${destinations.join("\n")}
  </Replication>
</AMPSConfig>
`;
}
