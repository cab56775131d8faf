/** A feed that offers one newer version, and a package that arrives in a few steps. */
import type { CommandHandlers, Reply } from "../../app/contract/commands.ts";
import type { LiveEvent } from "../../app/contract/live.ts";
import type { UpdateStage, UpdateStatus } from "../../app/contract/update.ts";

const release = {
  version: "0.2.0",
  released: "2026-11-20",
  file: "shunt-0.2.0-linux-amd64.deb",
  bytes: 96e6,
};
const stepMs = 150;

export function fakeUpdates(
  emit: (event: LiveEvent) => void,
): Pick<CommandHandlers, Extract<keyof CommandHandlers, `update.${string}`>> {
  let status: UpdateStatus = {
    feed: "https://updates.example.com/shunt/stable.feed",
    channel: "stable",
    daily: false,
    askedAt: null,
    stage: { is: "idle" },
  };
  const put = (next: Partial<UpdateStatus>): Reply<UpdateStatus> => {
    status = { ...status, ...next };
    emit({ type: "update", status });
    return { ok: true, value: status };
  };
  const become = (stage: UpdateStage) => put({ stage });
  const step = () => new Promise((resolve) => setTimeout(resolve, stepMs));
  return {
    "update.status": async () => ({ ok: true, value: status }),
    "update.check": async () => {
      become({ is: "checking" });
      await step();
      return put({ stage: { is: "newer", release }, askedAt: new Date().toISOString() });
    },
    "update.download": async () => {
      for (let tenths = 0; tenths <= 10; tenths++) {
        become({ is: "downloading", release, receivedBytes: (release.bytes / 10) * tenths });
        await step();
        if (status.stage.is !== "downloading") return { ok: true, value: status };
      }
      return become({ is: "saved", release, path: `/home/ops/Downloads/${release.file}` });
    },
    "update.stop": async () => become({ is: "newer", release }),
    "update.daily": async ({ on }) => put({ daily: on }),
    "update.reveal": async () => ({ ok: true, value: status }),
  };
}
