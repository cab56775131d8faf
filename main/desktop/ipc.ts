/** The one place that answers IPC: a checked sender and a checked payload, or a refusal. */
import type { IpcMain, WebContents } from "electron";
import type { z } from "zod";
import { senderProblem } from "./sender.ts";

interface IpcOptions {
  readonly ipcMain: Pick<IpcMain, "handle">;
  readonly isKnownWindow: (contents: WebContents) => boolean;
  readonly log: (message: string) => void;
}

/** Answers one channel. `handler` gets the parsed payload; what it throws is logged and hidden from the page. */
type Answer = <Schema extends z.ZodType>(
  channel: string,
  schema: Schema,
  handler: (payload: z.output<Schema>, sender: WebContents) => unknown,
) => void;

/** Thrown into the page that asked; says nothing about what is behind it. */
class RefusedMessage extends Error {
  override readonly name = "RefusedMessage";
}

export function createIpc({ ipcMain, isKnownWindow, log }: IpcOptions): Answer {
  return (channel, schema, handler) => {
    ipcMain.handle(channel, async (event, ...payload: unknown[]) => {
      const problem = senderProblem(event.senderFrame, isKnownWindow(event.sender));
      if (problem !== null) {
        log(`IPC ${channel} refused: ${problem}`);
        throw new RefusedMessage(`${channel} refused`);
      }
      const parsed = schema.safeParse(payload.length === 1 ? payload[0] : payload);
      if (!parsed.success) {
        log(`IPC ${channel} refused: ${parsed.error.issues.map((issue) => issue.code).join(", ")}`);
        throw new RefusedMessage(`${channel}: not a message of this channel`);
      }
      try {
        return await handler(parsed.data, event.sender);
      } catch (error) {
        log(
          `IPC ${channel} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
        throw new Error(`${channel} failed; the log of Shunt says why`);
      }
    });
  };
}
