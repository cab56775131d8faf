/** Checks of connections that are carried byte for byte. */
import { AmpsTcpClient, AmpsWsClient } from "../../support/amps-client.ts";
import { until } from "../../support/running-engine.ts";
import { connectTcp, patternBytes } from "../../support/tcp-client.ts";
import type { Backends } from "./backends.ts";
import type { Check } from "./check.ts";
import { nameChecks, overTls } from "./checks-names.ts";

const idleMs = 70_000;

async function logsOn(client: AmpsTcpClient | AmpsWsClient): Promise<string> {
  const { ack } = await client.sow("orders");
  await client.close();
  return ack["status"] === "success" || ack["c"] === "ack" ? "logged on, queried" : "no answer";
}

/** Logs on, is silent for 70 s, and asks again. */
async function idles(client: AmpsTcpClient | AmpsWsClient): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, idleMs));
  return (await logsOn(client)) === "logged on, queried" ? "alive after 70 s" : "cut";
}

let clients = 0;
function name(): string {
  clients += 1;
  return `conformance-${clients}`;
}

export function byteChecks(backends: Backends): readonly Check[] {
  return [
    {
      what: "AMPS client over TCP",
      run: async ({ ports }) => logsOn(await AmpsTcpClient.connect({ port: ports.amps, name: name() })),
    },
    {
      what: "AMPS client with preflight, on the AMPS port",
      run: async ({ ports }) =>
        logsOn(await AmpsTcpClient.connect({ port: ports.amps, name: name(), preflight: "tcp" })),
    },
    {
      what: "AMPS client with preflight, under a path",
      run: async ({ ports }) =>
        logsOn(
          await AmpsTcpClient.connect({
            port: ports.paths,
            name: name(),
            preflight: "tcp",
            pathPrefix: "/one",
          }),
        ),
    },
    {
      what: "WebSocket client, on a port of its own",
      run: async ({ ports }) => logsOn(await AmpsWsClient.connect({ port: ports.websocket, name: name() })),
    },
    {
      what: "WebSocket client, under a path",
      run: async ({ ports }) =>
        logsOn(await AmpsWsClient.connect({ port: ports.paths, name: name(), pathPrefix: "/one" })),
    },
    {
      what: "1 MiB there and back",
      async run({ ports }) {
        const sent = patternBytes(1024 * 1024);
        const client = await connectTcp(ports.bytes);
        client.socket.end(sent);
        return (await client.whole()).equals(sent) ? "whole" : "not whole";
      },
    },
    {
      what: "Half-close by the client: the answer still comes",
      async run({ ports }) {
        const client = await connectTcp(ports.bytes);
        client.socket.end("last");
        const whole = (await client.whole()).toString();
        return `${whole === "last" ? "kept" : "lost"}, ${await client.ended}`;
      },
    },
    {
      what: "Half-close by the backend: the client goes on sending",
      async run({ name: way, ports }) {
        const client = await connectTcp(ports.ends);
        const said = (await client.whole()).toString();
        const sent = way.padEnd(100_000, ".");
        client.socket.end(sent);
        const arrived = until(() =>
          backends.firstToEnd.connections.some((one) => one.bytes().toString() === sent),
        ).catch(() => false);
        return said === "done" && (await arrived) ? "kept" : "lost";
      },
    },
    {
      what: "Half-close behind a preflight",
      async run({ ports }) {
        const client = await connectTcp(ports.paths);
        client.socket.write(
          `GET /web/amps/json HTTP/1.1\r\nHost: 127.0.0.1:${ports.paths}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`,
        );
        await client.receivedText("\r\n\r\n");
        const before = client.bytes().length;
        client.socket.end(patternBytes(500_000));
        const echoed = (await client.whole()).length - before;
        return echoed === 500_000 ? "kept" : "lost";
      },
    },
    {
      what: "Reset by the backend",
      async run({ ports }) {
        const client = await connectTcp(ports.resets);
        client.socket.write("x");
        return (await client.ended) === "ECONNRESET" ? "reset" : "clean end";
      },
    },
    {
      what: "Backend that is not there",
      async run({ ports }) {
        const client = await connectTcp(ports.gone);
        return (await client.ended) === "ECONNRESET" ? "reset" : "clean end";
      },
    },
    {
      what: "Slow reader: 24 MiB after a pause of 3 s",
      async run({ ports }) {
        const client = await connectTcp(ports.floods);
        client.socket.pause();
        client.socket.write("go");
        await new Promise((resolve) => setTimeout(resolve, 3_000));
        client.socket.resume();
        return (await client.whole()).equals(backends.flood) ? "whole" : "not whole";
      },
    },
    {
      what: "TLS on the listener",
      run: async ({ ports }) => (await overTls(ports.tls)).said,
    },
    {
      what: "TLS passed through",
      async run({ ports }) {
        const { said, name: certified } = await overTls(ports.through);
        return `${said}, the backend's certificate for ${certified}`;
      },
    },
    ...nameChecks,
    {
      what: "TLS to the backend, verified",
      async run({ ports }) {
        const client = await connectTcp(ports.secure);
        client.socket.write("carried");
        return (await client.received(7)).toString();
      },
    },
    {
      what: "TLS to a backend whose certificate has another name",
      async run({ ports }) {
        const client = await connectTcp(ports.misnamed);
        client.socket.write("secret");
        await client.ended;
        return client.bytes().length === 0 ? "refused" : "carried";
      },
    },
    {
      what: "Eight subscribers on a pool, weights 3 and 1",
      async run({ ports }) {
        const found: string[] = [];
        for (let turn = 0; turn < 8; turn += 1) {
          const client = await connectTcp(ports.subscribers);
          client.socket.write(Buffer.from([0, 0, 0, 1, 0x7b]));
          found.push((await client.received(1)).toString("latin1", 0, 1));
          client.socket.destroy();
        }
        return `${found.filter((one) => one === "1").length} and ${found.filter((one) => one === "2").length}`;
      },
    },
    {
      what: "Browser on an AMPS port",
      async run({ ports }) {
        const client = await connectTcp(ports.browser);
        client.socket.write(
          `POST / HTTP/1.1\r\nHost: 127.0.0.1:${ports.browser}\r\nContent-Length: 0\r\n\r\n`,
        );
        const reached = client.received(1).then(
          () => true,
          () => false,
        );
        return (await reached) ? "reaches AMPS" : "refused";
      },
    },
    {
      isLong: true,
      what: "70 s of silence: TCP",
      run: async ({ ports }) => idles(await AmpsTcpClient.connect({ port: ports.amps, name: name() })),
    },
    {
      isLong: true,
      what: "70 s of silence: WebSocket",
      run: async ({ ports }) =>
        idles(await AmpsWsClient.connect({ port: ports.paths, name: name(), pathPrefix: "/one" })),
    },
    {
      isLong: true,
      what: "70 s of silence: preflight",
      run: async ({ ports }) =>
        idles(
          await AmpsTcpClient.connect({
            port: ports.paths,
            name: name(),
            preflight: "tcp",
            pathPrefix: "/one",
          }),
        ),
    },
    {
      isLong: true,
      what: "Slow reader behind a preflight: nothing read for 70 s",
      async run({ ports }) {
        const client = await connectTcp(ports.paths);
        const head = `GET /web/amps/json HTTP/1.1\r\nHost: 127.0.0.1:${ports.paths}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`;
        client.socket.write(head);
        await client.receivedText("\r\n\r\n");
        const before = client.bytes().length;
        client.socket.pause();
        const sent = patternBytes(2 * 1024 * 1024);
        client.socket.write(sent);
        await new Promise((resolve) => setTimeout(resolve, idleMs));
        client.socket.resume();
        const echoed = (await client.received(before + sent.length)).subarray(before);
        client.socket.destroy();
        return echoed.equals(sent) ? "whole" : "not whole";
      },
    },
  ];
}
