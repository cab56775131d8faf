/** What a port is for, by its number alone: the ports that AMPS's documentation uses (amps-facts 1.1). */
import type { EndpointKind } from "../contract/config.ts";
import { formatHostPort, type HostPort } from "../config/address.ts";

interface EndpointGuess {
  readonly kind: EndpointKind;
  readonly url: string;
  /** The well-known service of this port, where it is not AMPS's. */
  readonly other: string | null;
}

const others: Readonly<Record<number, string>> = {
  22: "SSH",
  25: "SMTP",
  53: "DNS",
  389: "LDAP",
  636: "LDAP",
  1433: "SQL Server",
  1521: "Oracle",
  2181: "ZooKeeper",
  3306: "MySQL",
  3389: "Remote Desktop",
  5432: "PostgreSQL",
  5672: "AMQP",
  5900: "VNC",
  6379: "Redis",
  9092: "Kafka",
  27017: "MongoDB",
};

export function guessEndpoint(address: HostPort): EndpointGuess {
  const { port } = address;
  const where = formatHostPort(address);
  const other = others[port] ?? null;
  if (port === 443 || port === 8443) return { kind: "admin", url: `https://${where}`, other };
  if (port === 80 || (port >= 8000 && port < 9000)) return { kind: "admin", url: `http://${where}`, other };
  if (port === 9008) return { kind: "websocket", url: `ws://${where}`, other };
  if (port >= 10_000 && port < 10_100) return { kind: "replication", url: `tcp://${where}`, other };
  return { kind: "amps", url: `tcp://${where}`, other };
}
