import { FlaskConical, Import, Server, Waypoints } from "lucide-react";
import { useEffect, useState } from "react";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { focusFirstRow } from "../design/focus-when-free.ts";
import { Needle } from "../frame/Needle.tsx";
import { startSandbox } from "../sandbox/sandbox-actions.ts";
import { openSheet } from "../view/view-store.ts";

const pictureBytesPerSecond = 2_000_000;

/** Before there is any backend or route: what Shunt does, and the ways to begin. */
export function FirstRun() {
  const bridge = useBridge();
  const [starting, setStarting] = useState(false);
  // The button goes with the screen, and would take the focus with it.
  useEffect(() => focusFirstRow, []);
  const trySandbox = async (): Promise<void> => {
    setStarting(true);
    await startSandbox(bridge);
    setStarting(false);
  };
  return (
    <div className="first-run">
      <Needle bytesPerSecond={pictureBytesPerSecond} />
      <h2>Shunt carries your AMPS clients to instances that they cannot reach directly.</h2>
      <Button look="primary" autoFocus isDisabled={starting} onPress={() => void trySandbox()}>
        <FlaskConical aria-hidden />
        {starting ? "Starting…" : "Try the sandbox"}
      </Button>
      <p className="soft">Two simulated AMPS instances with routes to them. Nothing leaves this machine.</p>
      <div className="first-run-more">
        <Button onPress={() => openSheet({ kind: "route", id: null })}>
          <Waypoints aria-hidden />
          Add your first route
        </Button>
        <Button onPress={() => openSheet({ kind: "backend", id: null })}>
          <Server aria-hidden />
          Add your first backend
        </Button>
        <Button onPress={() => openSheet({ kind: "import" })}>
          <Import aria-hidden />
          Import…
        </Button>
      </div>
    </div>
  );
}
