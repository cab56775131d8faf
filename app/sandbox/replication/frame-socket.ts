import type { Socket } from "node:net";
import { readMessage } from "../wire/amps-message.ts";
import { FrameReader } from "../wire/tcp-frames.ts";
import { readReplicationFrame, type ReplicationFrame } from "./replication-frame.ts";
import { resetSocket } from "../../forward/reset.ts";

/** Reads replication frames from a socket; one that speaks anything else is reset. */
export function readReplicationFrames(socket: Socket, onFrame: (frame: ReplicationFrame) => void): void {
  const reader = new FrameReader();
  socket.on("data", (chunk: Buffer) => {
    const frames = reader.push(chunk);
    if (frames === null) return resetSocket(socket);
    for (const bytes of frames) {
      const message = readMessage(bytes);
      const frame = message === null ? null : readReplicationFrame(message);
      if (frame === null) return resetSocket(socket);
      if (socket.destroyed) return;
      onFrame(frame);
    }
  });
}
