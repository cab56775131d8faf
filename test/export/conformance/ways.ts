/** The three ways that carry the same traffic: Shunt itself, and NGINX and HAProxy with the exported files. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { programs } from "../../support/available.ts";
import { startChildServer } from "../../support/child-server.ts";
import { runEngine } from "../../support/running-engine.ts";
import { freePort } from "../../support/free-port.ts";
import { exported, nginxIn } from "../exported.ts";
import type { Backends } from "./backends.ts";

type WayName = "Shunt" | "NGINX" | "HAProxy";

const listeners = [
  "amps",
  "bytes",
  "ends",
  "resets",
  "floods",
  "gone",
  "secure",
  "misnamed",
  "through",
  "named",
  "withRest",
  "tls",
  "websocket",
  "admin",
  "paths",
  "subscribers",
  "browser",
] as const;

type Ports = Readonly<Record<(typeof listeners)[number], number>>;

export interface Way {
  readonly name: WayName;
  readonly ports: Ports;
}

async function freePorts(): Promise<Ports> {
  const ports: Partial<Record<(typeof listeners)[number], number>> = {};
  for (const name of listeners) ports[name] = await freePort();
  return ports as Ports;
}

function documentFor(ports: Ports, backends: Backends): object {
  const { sandbox, certificate } = backends;
  const at = (port: number) => `127.0.0.1:${port}`;
  const tcp = (id: string, port: number) => ({ id, replication: `tcp://${at(port)}` });
  const tls = { caFile: certificate.certFile };
  const bytes = (id: string, port: number, target: string) => ({
    id,
    listen: at(port),
    transport: "replication",
    target,
  });
  const named = (
    id: string,
    port: number,
    target: string,
    serverNames: readonly string[],
    enabled = true,
  ) => ({
    ...bytes(id, port, target),
    ...{ tlsPassthrough: true, serverNames, enabled },
  });
  const path = (prefix: string, target: string, more: object = {}) => ({
    id: `path${prefix.replace(/[^a-z0-9]+/g, "-")}`,
    listen: at(ports.paths),
    path: prefix,
    target,
    preflight: "pass",
    ...more,
  });
  return {
    version: 1,
    backends: [
      {
        id: "sandbox",
        amps: `tcp://${at(sandbox.ports.amps)}`,
        websocket: `ws://${at(sandbox.ports.websocket)}`,
        admin: `http://${at(sandbox.ports.admin)}`,
      },
      tcp("echo", backends.echo.port),
      tcp("first-to-end", backends.firstToEnd.port),
      tcp("resetter", backends.resetter.port),
      tcp("flooding", backends.flooding.port),
      tcp("gone", backends.gone),
      {
        ...tcp("secure", backends.secure),
        replication: `tcps://${at(backends.secure)}`,
        tls: { ...tls, serverName: "backend.test" },
      },
      { id: "elsewhere", replication: `tcps://${at(backends.elsewhere)}` },
      {
        ...tcp("misnamed", backends.secure),
        replication: `tcps://${at(backends.secure)}`,
        tls: { ...tls, serverName: "other.test" },
      },
      { id: "web", admin: `http://${at(backends.web.port)}`, amps: `tcp://${at(backends.preflight.port)}` },
      { id: "deep", admin: `http://${at(backends.deep.port)}` },
      { id: "prod", environment: "prod", admin: `http://${at(backends.web.port)}` },
      { id: "no-web", admin: `http://${at(backends.gone)}` },
      { id: "echo-amps", amps: `tcp://${at(backends.echo.port)}` },
      { id: "one", amps: `tcp://${at(backends.one.port)}` },
      { id: "two", amps: `tcp://${at(backends.two.port)}` },
    ],
    pools: [{ id: "both", members: ["one", "two"], balance: "round-robin", weights: { one: 3 } }],
    routes: [
      { id: "amps", listen: at(ports.amps), transport: "amps", target: "sandbox", preflight: "pass" },
      { id: "browser", listen: at(ports.browser), transport: "amps", target: "echo-amps" },
      bytes("bytes", ports.bytes, "echo"),
      bytes("ends", ports.ends, "first-to-end"),
      bytes("resets", ports.resets, "resetter"),
      bytes("floods", ports.floods, "flooding"),
      bytes("gone", ports.gone, "gone"),
      bytes("secure", ports.secure, "secure"),
      bytes("misnamed", ports.misnamed, "misnamed"),
      { ...bytes("through", ports.through, "secure"), tlsPassthrough: true },
      named("named", ports.named, "secure", ["backend.test", "*.backend.test"]),
      named("named-other", ports.named, "elsewhere", ["other.test"]),
      named("named-stopped", ports.withRest, "secure", ["stopped.test"], false),
      named("named-beside", ports.withRest, "secure", ["backend.test"]),
      { ...bytes("rest", ports.withRest, "elsewhere"), tlsPassthrough: true },
      { ...bytes("tls", ports.tls, "echo"), tls: certificate },
      { id: "websocket", listen: at(ports.websocket), transport: "websocket", target: "sandbox" },
      { id: "admin", listen: at(ports.admin), transport: "admin", target: "web" },
      path("/one", "sandbox"),
      path("/web", "web"),
      path("/web/deep", "deep"),
      path("/kept", "web", { keepPrefix: true }),
      path("/a$b;c'd", "web"),
      path("/prod", "prod"),
      path("/gone", "no-web"),
      { id: "host", listen: at(ports.paths), host: "web.localhost", target: "web" },
      {
        id: "subscribers",
        listen: at(ports.subscribers),
        transport: "amps",
        target: "both",
        clients: "subscribers",
      },
    ],
  };
}

export async function startWays(backends: Backends, folder: string): Promise<readonly Way[]> {
  const shunt = { name: "Shunt" as const, ports: await freePorts() };
  await runEngine(documentFor(shunt.ports, backends));
  return [shunt, await startNginx(backends, folder), await startHaproxy(backends, folder)];
}

async function startNginx(backends: Backends, folder: string): Promise<Way> {
  const ports = await freePorts();
  const { files } = exported(documentFor(ports, backends), { format: "nginx" });
  const file = join(folder, "nginx.conf");
  writeFileSync(file, nginxIn(folder, files[0]?.text ?? ""));
  await startChildServer(
    programs.nginx ?? "",
    ["-c", file, "-e", "stderr", "-g", "daemon off; master_process off;"],
    ports.paths,
  );
  return { name: "NGINX", ports };
}

async function startHaproxy(backends: Backends, folder: string): Promise<Way> {
  const ports = await freePorts();
  const { files } = exported(documentFor(ports, backends), { format: "haproxy" });
  const file = join(folder, "haproxy.cfg");
  // Its page would have the same port in every run of the tests on this machine.
  writeFileSync(file, (files[0]?.text ?? "").replaceAll(":8404", `:${await freePort()}`));
  const { certFile, keyFile } = backends.certificate;
  writeFileSync(`${certFile}.haproxy.pem`, readFileSync(certFile, "utf8") + readFileSync(keyFile, "utf8"));
  await startChildServer(programs.haproxy ?? "", ["-f", file], ports.paths);
  return { name: "HAProxy", ports };
}
