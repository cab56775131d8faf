/** The fake engine behind the real local API. */
import { startApiServer, type ApiServer } from "../../app/api/api-server.ts";
import { openUiFiles } from "../../app/api/ui-files.ts";
import type { CommandName } from "../../app/contract/commands.ts";
import { openFollowers } from "../../app/service/followers.ts";
import type { ShuntService } from "../../app/service/service.ts";
import { createFakeBridge, type FakeBridge } from "../../renderer/dev/fake-bridge.ts";

export interface FakeServer {
  readonly url: string;
  readonly port: number;
  readonly fake: FakeBridge;
  close(): Promise<void>;
}

interface FakeServerOptions {
  readonly token: string;
  /** 0: chosen by the system. */
  readonly port: number;
  /** The built UI's folder, where it is served too. */
  readonly uiFolder?: string;
}

export async function serveFakeEngine({ token, port, uiFolder }: FakeServerOptions): Promise<FakeServer> {
  const fake = createFakeBridge({ scenario: "desk", routes: 0, connectionsPerRoute: 3, tickMs: 50 });
  const service = {
    handle: (name: string, argument: unknown) => fake.call(name as CommandName, argument as never),
    onEvent: (listener) => fake.onEvent(listener),
    follow: openFollowers(() => Promise.resolve()),
  } satisfies Partial<ShuntService> as unknown as ShuntService;
  const ui = uiFolder === undefined ? null : openUiFiles(uiFolder);
  const started = await startApiServer({ service, address: { host: "127.0.0.1", port }, token, ui });
  if (!started.ok) throw new Error(started.failure.message);
  const server: ApiServer = started.value;
  return {
    url: server.url,
    port: server.address.port,
    fake,
    async close() {
      fake.end();
      await server.close();
    },
  };
}
