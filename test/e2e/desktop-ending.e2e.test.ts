/** The real Electron app: how it goes, and what becomes of who is connected. */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { available, electron } from "../support/available.ts";
import { desktopEnvironment, electronArguments, type DesktopApp } from "../support/desktop-app.ts";
import {
  answerQuestions,
  closeWindow,
  windowFacts,
  wishToQuit,
  useDesktop,
} from "../support/desktop-story.ts";
import { until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend, type TcpBackend } from "../support/tcp-backend.ts";

describe.skipIf(!available.electron)("the desktop app", () => {
  const desktop = useDesktop();

  describe("ends", () => {
    let backend: TcpBackend;
    beforeEach(async () => void (backend = await startTcpBackend()));
    afterEach(() => backend.close());

    /** One client connected through one route of the app. */
    async function connectClient(app: DesktopApp) {
      const port = await freePort();
      const { config, revision } = await app.call("config.get", null);
      await app.call("config.put", {
        config: {
          ...config,
          backends: [{ id: "b", amps: `tcp://127.0.0.1:${backend.port}` }],
          routes: [
            {
              id: "orders",
              listen: `127.0.0.1:${port}`,
              transport: "amps",
              target: "b",
              clients: "publishers",
            },
          ],
        },
        revision,
      });
      const socket = connect({ host: "127.0.0.1", port });
      const ended = new Promise<string>((resolve) => {
        socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
        socket.once("end", () => resolve("end"));
      });
      await until(
        async () => (await app.call("snapshot.get", null)).connections.length === 1,
        "the connection",
      );
      return { socket, ended, port };
    }

    test("without a question while nothing is connected", async () => {
      const app = await desktop.launch();
      await answerQuestions(app, 2);
      await app.quit();
    });

    test("not when the operator cancels: the connection lives on", async () => {
      const app = await desktop.launch();
      const { socket } = await connectClient(app);
      const asked = await answerQuestions(app, 2);
      wishToQuit(app);
      await until(async () => (await asked()).length === 1, "the question");
      expect(await asked()).toEqual(["1 connection (1 publisher) will be cut"]);
      socket.write("still here");
      await until(() => backend.connections.some((one) => one.bytes().includes("still here")), "the bytes");
      socket.destroy();
    });

    test("by cutting, and a cut connection is reset rather than ended cleanly", async () => {
      const app = await desktop.launch();
      const { ended } = await connectClient(app);
      await answerQuestions(app, 1);
      await app.quit();
      expect(await ended).toBe("ECONNRESET");
    });

    test("by draining: new clients are refused, and it quits when the last one has gone", async () => {
      const app = await desktop.launch();
      const { socket, port } = await connectClient(app);
      // Only the first question is answered "Drain"; the offer to cut it short stays open.
      await app.app.evaluate(({ dialog }) => {
        let asked = 0;
        dialog.showMessageBox = (() =>
          ++asked === 1 ? Promise.resolve({ response: 0 }) : new Promise(() => {})) as never;
      });
      wishToQuit(app);
      await until(
        () =>
          new Promise<boolean>((resolve) => {
            const probe = connect({ host: "127.0.0.1", port });
            probe.once("error", () => resolve(true));
            probe.once("connect", () => {
              probe.resetAndDestroy();
              resolve(false);
            });
          }),
        "new clients to be refused",
      );
      socket.write("late");
      await until(
        () => backend.connections.some((one) => one.bytes().includes("late")),
        "the drained connection to work",
      );
      expect(app.child.exitCode).toBeNull();
      socket.resetAndDestroy();
      await app.exit;
    });

    test("by a drain that is cut short", async () => {
      const app = await desktop.launch();
      const { ended } = await connectClient(app);
      await answerQuestions(app, 0);
      wishToQuit(app);
      await app.exit;
      expect(await ended).toBe("ECONNRESET");
    });

    test("at once and without a question when the system says so", async () => {
      const app = await desktop.launch();
      const { ended } = await connectClient(app);
      await answerQuestions(app, 2);
      app.child.kill("SIGTERM");
      expect(await app.exit).toEqual({ code: 0, signal: null });
      expect(await ended).toBe("ECONNRESET");
    });

    test("when its window is closed where no tray can be seen", async () => {
      const app = await desktop.launch({ PATH: emptyPath() });
      closeWindow(app);
      await app.exit;
    });

    test("not when its window is closed beside a visible tray: it hides, says so once, and comes back", async () => {
      const tools = path.join(desktop.folder, "tools");
      mkdirSync(tools);
      writeFileSync(path.join(tools, "dbus-send"), '#!/bin/sh\necho "   variant       boolean true"\n');
      chmodSync(path.join(tools, "dbus-send"), 0o755);
      const app = await desktop.launch({ PATH: `${tools}:${process.env["PATH"]}` });
      closeWindow(app);
      await until(async () => (await windowFacts(app))?.visible === false, "the window to hide");
      expect(JSON.parse(readFileSync(path.join(desktop.folder, "settings.json"), "utf8"))).toMatchObject({
        closeHintShown: true,
      });
      expect((await app.call("snapshot.get", null)).routes).toEqual([]);
      const second = spawn(electron?.path ?? "", electronArguments(), {
        env: desktopEnvironment({ userData: desktop.folder }),
        stdio: "ignore",
      });
      await until(async () => (await windowFacts(app))?.visible, "the window to come back");
      await until(() => second.exitCode !== null, "the end of the second start");
      await app.quit();
    });

    function emptyPath(): string {
      const directory = path.join(desktop.folder, "no-tools");
      mkdirSync(directory);
      return directory;
    }
  });
});
