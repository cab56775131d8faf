import { memo, useRef } from "react";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { showFailure } from "../view/toasts.ts";

interface CloseConnectionProps {
  readonly id: string;
  /** True while this row asks whether it is meant. */
  readonly asking: boolean;
  readonly onAsk: (id: string | null) => void;
  readonly tabbable: boolean;
}

/** Closes one connection; asks in the row itself, so that nothing covers the list. */
export const CloseConnection = memo(function CloseConnection(props: CloseConnectionProps) {
  const { id, asking, onAsk, tabbable } = props;
  const bridge = useBridge();
  const question = useRef<HTMLDivElement>(null);
  // Whoever answered by keyboard goes on from the row.
  const answered = (): void => {
    question.current?.closest<HTMLElement>("[data-row]")?.focus();
    onAsk(null);
  };
  const close = async (): Promise<void> => {
    answered();
    const reply = await bridge.call("connection.close", { id });
    if (!reply.ok && reply.failure.code !== "NOT_FOUND") showFailure(reply.failure);
  };
  if (!asking)
    return (
      <Button size="small" look="quiet" excludeFromTabOrder={!tabbable} onPress={() => onAsk(id)}>
        Close
      </Button>
    );
  return (
    <div
      className="row-actions"
      ref={question}
      role="group"
      aria-label="Close this connection?"
      onKeyDown={(event) => event.key === "Escape" && answered()}
    >
      <Button size="small" look="danger" autoFocus onPress={() => void close()}>
        Close it
      </Button>
      <Button size="small" onPress={answered}>
        Keep
      </Button>
    </div>
  );
});
