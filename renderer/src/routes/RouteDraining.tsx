import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { plural } from "../design/format.ts";
import { cutDraining } from "./route-actions.ts";

interface RouteDrainingProps {
  readonly id: string;
  readonly left: number;
  readonly tabbable: boolean;
}

/** How far a drain is, and the button that does not wait for its end. */
export function RouteDraining({ id, left, tabbable }: RouteDrainingProps) {
  const bridge = useBridge();
  return (
    <div className="trouble">
      <p>
        {plural(left, "connection")} left. <span className="soft">New ones are not taken.</span>
      </p>
      <Button size="small" excludeFromTabOrder={!tabbable} onPress={() => void cutDraining(bridge, id)}>
        Cut now
      </Button>
    </div>
  );
}
