/** Publishes as a client with a store does: one message after the other, each again until it is acknowledged. */
import { AmpsTcpClient } from "./amps-client.ts";

export async function publishThroughFailures(
  port: number,
  name: string,
  count: number,
  onAcked: (id: string) => void,
): Promise<void> {
  let client: AmpsTcpClient | null = null;
  for (let at = 0; at < count; at++) {
    const id = `${name}-${at}`;
    for (;;) {
      try {
        client ??= await AmpsTcpClient.connect({ port, name });
        const lost = client.closed.then((how) => Promise.reject(new Error(how)));
        lost.catch(() => undefined);
        const ack = client.publish("orders", { id }, { persisted: true, sequence: BigInt(at + 1) });
        ack.catch(() => undefined);
        await Promise.race([ack, lost]);
        onAcked(id);
        break;
      } catch {
        client?.socket.destroy();
        client = null;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    }
  }
  await client?.close();
}

/** The ids of every order that an instance has. */
export async function idsOn(port: number): Promise<ReadonlySet<string>> {
  const client = await AmpsTcpClient.connect({ port, name: "looker" });
  const { records } = await client.sow("orders");
  await client.close();
  return new Set(records.map(({ body }) => (JSON.parse(body) as { id: string }).id));
}
