import { FlaskConical } from "lucide-react";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { useMirror } from "../mirror/mirror-store.ts";
import { startSandbox, stopSandbox } from "./sandbox-actions.ts";
import { SandboxInstanceCard } from "./SandboxInstanceCard.tsx";

/** The simulated instances, and what can be done to them. */
export function SandboxScreen() {
  const bridge = useBridge();
  const status = useMirror((mirror) => mirror.sandbox);
  if (!status?.running)
    return (
      <div className="blank">
        <h2>The sandbox is not running</h2>
        <p className="soft">
          It simulates AMPS instances that replicate to each other, and adds routes to them.
        </p>
        <Button look="primary" onPress={() => void startSandbox(bridge)}>
          <FlaskConical aria-hidden />
          Start the sandbox
        </Button>
      </div>
    );
  return (
    <div className="screen">
      <div className="toolbar">
        <p className="soft">
          Stop an instance, slow it down or downgrade a link, and watch what the routes do.
        </p>
        <div className="toolbar-end">
          <Button onPress={() => void stopSandbox(bridge, false)}>Stop the sandbox</Button>
          <Button onPress={() => void stopSandbox(bridge, true)}>Stop and remove its routes</Button>
        </div>
      </div>
      <div className="screen-scroll">
        <ul className="sandbox-cards">
          {status.instances.map((instance) => (
            <SandboxInstanceCard key={instance.name} instance={instance} />
          ))}
        </ul>
      </div>
    </div>
  );
}
