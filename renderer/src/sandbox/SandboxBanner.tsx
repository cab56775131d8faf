import { FlaskConical } from "lucide-react";
import { Button } from "../design/Button.tsx";
import { showScreen, useView } from "../view/view-store.ts";
import { useSandboxRunning } from "./sandbox-actions.ts";

/** On every screen while the sandbox runs, so that nobody takes its data for real. */
export function SandboxBanner() {
  const running = useSandboxRunning();
  const screen = useView((view) => view.screen);
  if (!running) return null;
  return (
    <div className="sandbox-banner" role="note">
      <FlaskConical aria-hidden />
      <span>
        <strong>Sandbox:</strong> simulated AMPS, no real data
      </span>
      {screen !== "sandbox" && (
        <Button look="link" onPress={() => showScreen("sandbox")}>
          Open its controls
        </Button>
      )}
    </div>
  );
}
