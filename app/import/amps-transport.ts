/** What one Transport of an AMPS configuration is: its kind, whether it speaks TLS, and what to know of it. Pure. */
import type { EndpointKind } from "../contract/config.ts";
import { formatHostPort, type HostPort } from "../config/address.ts";
import { childrenOf, textOf, type Element } from "./amps-xml.ts";

interface TransportFacts {
  readonly kind: EndpointKind;
  readonly secure: boolean;
  readonly enabled: boolean;
  /** The server asks for a client certificate. */
  readonly asksClient: boolean;
  readonly note: string | null;
}

const yes = /^(true|enabled|yes|on|1)$/i;
const legacy = /^(fix|nvfix|xml|soap|fix-session)$/i;

/** The facts, or why it is no endpoint of a backend. */
export function transportFacts(transport: Element, config: Element): TransportFacts | string {
  const type = (textOf(transport, "Type") ?? "tcp").toLowerCase();
  const protocol = textOf(transport, "Protocol") ?? "amps";
  if (type === "amps-unix") return "is a Unix socket, which can only be reached on its own host";
  const replication = /^amps-replication(-secure)?$/.test(type);
  if (!replication && type !== "tcp" && type !== "tcps") return "has a Type that Shunt does not know";
  const module = moduleOf(protocol, config);
  const kind = replication ? "replication" : /^websocket$/i.test(module) ? "websocket" : "amps";
  const known = kind !== "amps" || /^(amps|json)$/i.test(module) || legacy.test(module);
  return {
    kind,
    secure: type === "tcps" || type === "amps-replication-secure" || speaksTls(transport),
    enabled: !/^disabled$/i.test(textOf(transport, "InitialState") ?? ""),
    asksClient: yes.test(textOf(transport, "VerifyClient") ?? ""),
    note: known
      ? legacy.test(module)
        ? "It speaks an older protocol: its bytes are carried, client names are not seen."
        : null
      : "Its protocol is not one of AMPS's own: its bytes are carried as they are.",
  };
}

export function speaksTls(element: Element): boolean {
  return textOf(element, "Certificate") !== undefined && textOf(element, "PrivateKey") !== undefined;
}

/** A custom protocol is named in Protocols and says which module it is. */
function moduleOf(protocol: string, config: Element): string {
  const custom = childrenOf(childrenOf(config, "Protocols")[0], "Protocol").find(
    (one) => textOf(one, "Name") === protocol,
  );
  return (custom && textOf(custom, "Module")) ?? protocol;
}

const schemes: Readonly<Record<EndpointKind, readonly [plain: string, secure: string]>> = {
  amps: ["tcp", "tcps"],
  websocket: ["ws", "wss"],
  admin: ["http", "https"],
  replication: ["tcp", "tcps"],
};

export function endpointUrl(kind: EndpointKind, secure: boolean, address: HostPort): string {
  return `${schemes[kind][secure ? 1 : 0]}://${formatHostPort(address)}`;
}
