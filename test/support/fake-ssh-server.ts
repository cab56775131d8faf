/** An SSH server of our own that keeps what clients try: for log-ons that Debian's sshd cannot be made to offer here. */
import { generateKeyPairSync } from "node:crypto";
import type { AddressInfo } from "node:net";
import ssh2, { type AuthContext, type Connection } from "ssh2";
import { cleanUp } from "./running-engine.ts";

export interface FakeSshServer {
  readonly port: number;
  /** `none`, `password secret`, `keyboard-interactive answer`, in the order they came. */
  readonly attempts: readonly string[];
  /** How many connections got as far as the log-on. */
  readonly connections: () => number;
  /** How many connections are open. */
  readonly open: () => number;
  /** Ends every connection, as a server does that waited too long. */
  endConnections(): void;
  knownHosts(): string;
}

interface FakeSshOptions {
  readonly methods: readonly ("password" | "keyboard-interactive" | "publickey")[];
  /** Whether an attempt is let in. */
  readonly accept?: (attempt: string) => boolean;
  readonly prompt?: string;
}

export async function startFakeSshServer({
  methods,
  accept = () => false,
  prompt = "Password: ",
}: FakeSshOptions): Promise<FakeSshServer> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const hostKey = privateKey.export({ type: "pkcs1", format: "pem" });
  const attempts: string[] = [];
  let connections = 0;
  const clients = new Set<Connection>();
  const judge = (context: AuthContext, attempt: string): void => {
    attempts.push(attempt);
    if (accept(attempt)) context.accept();
    else context.reject([...methods]);
  };
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    connections++;
    clients.add(client);
    client.on("close", () => clients.delete(client));
    client.on("error", () => undefined);
    client.on("authentication", (context) => {
      if (context.method === "password") judge(context, `password ${context.password}`);
      else if (context.method === "keyboard-interactive" && methods.includes("keyboard-interactive"))
        context.prompt([{ prompt, echo: false }], (answers) =>
          judge(context, `keyboard-interactive ${answers.join(",")}`),
        );
      else judge(context, context.method);
    });
    client.on("ready", () => {
      client.on("tcpip", (accept_) => {
        const channel = accept_();
        channel.on("error", () => undefined);
        channel.pipe(channel);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const parsed = ssh2.utils.parseKey(hostKey);
  if (parsed instanceof Error) throw parsed;
  const blob = (Array.isArray(parsed) ? parsed[0] : parsed).getPublicSSH().toString("base64");
  return {
    port,
    attempts,
    connections: () => connections,
    open: () => clients.size,
    endConnections: () => {
      for (const client of clients) client.end();
    },
    knownHosts: () => `[127.0.0.1]:${port} ssh-rsa ${blob}\n`,
  };
}
