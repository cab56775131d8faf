import { Download, FolderOpen, RotateCw, Square } from "lucide-react";
import type { Release, UpdateStage, UpdateStatus } from "../../../app/contract/update.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { CheckField } from "../design/Field.tsx";
import { formatBytes, formatClock, formatFraction } from "../design/format.ts";
import { type Look, StateWord } from "../design/StateMark.tsx";
import { useMirror } from "../mirror/mirror-store.ts";
import { showFailure } from "../view/toasts.ts";
import { askUpdates, updatesSection } from "./update-actions.ts";

/** Left out in a browser: whoever runs the headless Shunt sees to its version. */
export function UpdatesSection() {
  const update = useMirror((mirror) => mirror.update);
  return (
    <section id={updatesSection}>
      <h2>Updates</h2>
      {update ? (
        <Updates update={update} />
      ) : (
        <p className="soft">This build asks nobody for updates: a new version comes the way this one did.</p>
      )}
    </section>
  );
}

function Updates({ update }: { readonly update: UpdateStatus }) {
  const bridge = useBridge();
  const { stage, daily, feed, channel, askedAt } = update;
  const setDaily = async (on: boolean): Promise<void> => {
    const reply = await bridge.call("update.daily", { on });
    if (!reply.ok) showFailure(reply.failure);
  };
  return (
    <>
      <div className="update-stage" role="status">
        <StateWord condition={lookOf(stage)} />
        {stage.is === "failed" && (
          <span>
            {stage.failure.message} <span className="soft">{stage.failure.advice}</span>
          </span>
        )}
        {stage.is === "saved" && <code>{stage.path}</code>}
      </div>
      {stage.is === "downloading" && <Progress stage={stage} />}
      <div className="row-actions">
        <StageActions stage={stage} />
      </div>
      <CheckField isSelected={daily} onChange={(on) => void setDaily(on)}>
        <span>
          Ask once a day{" "}
          <span className="soft">(a notification tells of a newer version; nothing is fetched)</span>
        </span>
      </CheckField>
      <p className="soft update-feed">
        Asks <code>{feed}</code>, channel {channel}
        {askedAt && <>, last {formatClock(askedAt, new Date())}</>}. Only what the builders of this Shunt have
        signed is offered; installing it is up to you.
      </p>
    </>
  );
}

function lookOf(stage: UpdateStage): Look {
  switch (stage.is) {
    case "idle":
      return { tone: "idle", shape: "ring", word: "Not asked yet" };
    case "checking":
      return { tone: "busy", shape: "spinner", word: "Asking…" };
    case "current":
      return { tone: "ok", shape: "disc", word: "Up to date" };
    case "newer":
      return { tone: "busy", shape: "disc", word: `Newer version ${named(stage.release)}` };
    case "downloading":
      return { tone: "busy", shape: "spinner", word: `Downloading ${named(stage.release)}` };
    case "saved":
      return { tone: "ok", shape: "disc", word: `Version ${stage.release.version} is verified and saved` };
    case "failed":
      return { tone: "bad", shape: "cross", word: "Failed" };
  }
}

function named({ version, released }: Release): string {
  return `${version} of ${released}`;
}

function Progress({ stage }: { readonly stage: Extract<UpdateStage, { is: "downloading" }> }) {
  const { receivedBytes, release } = stage;
  return (
    <div className="update-progress">
      <progress value={receivedBytes} max={release.bytes} aria-label={`Download of ${release.file}`} />
      <span>
        {formatFraction(receivedBytes / release.bytes)} of {formatBytes(release.bytes)}
      </span>
    </div>
  );
}

function StageActions({ stage }: { readonly stage: UpdateStage }) {
  const bridge = useBridge();
  if (stage.is === "checking" || stage.is === "downloading")
    return (
      <Button onPress={() => void askUpdates(bridge, "update.stop")}>
        <Square aria-hidden />
        Stop
      </Button>
    );
  const release = stage.is === "newer" || stage.is === "failed" ? stage.release : null;
  return (
    <>
      {release && (
        <Button look="primary" onPress={() => void askUpdates(bridge, "update.download")}>
          <Download aria-hidden />
          Download {release.version} ({formatBytes(release.bytes)})
        </Button>
      )}
      {stage.is === "saved" && (
        <Button look="primary" onPress={() => void askUpdates(bridge, "update.reveal")}>
          <FolderOpen aria-hidden />
          Show in folder
        </Button>
      )}
      <Button onPress={() => void askUpdates(bridge, "update.check")}>
        <RotateCw aria-hidden />
        {stage.is === "idle" ? "Check for updates" : "Check again"}
      </Button>
    </>
  );
}
