import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import type { PoolStatus } from "../../../app/contract/snapshot.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { plural } from "../design/format.ts";
import { StateWord } from "../design/StateMark.tsx";
import { useMirror } from "../mirror/mirror-store.ts";
import { takeoverCondition } from "./link-condition.ts";
import { promoteMember } from "./pool-actions.ts";

interface PromoteDialogProps {
  readonly status: PoolStatus;
  /** The member to be made active; null while nobody asks. */
  readonly member: string | null;
  readonly onClose: () => void;
}

/** Asks before a member is made active by the operator's word, and says what the links say about it. */
export function PromoteDialog({ status, member, onClose }: PromoteDialogProps) {
  const bridge = useBridge();
  const open = useMirror(
    ({ backends }) => backends.find((backend) => backend.id === status.active)?.connections ?? 0,
  );
  const takeover = status.takeovers.find(({ to }) => to === member) ?? null;
  const isRisky = takeover?.verdict !== "allow";
  const promote = (): void => {
    onClose();
    if (member !== null) void promoteMember(bridge, status.id, member);
  };
  return (
    <ModalOverlay className="scrim" isOpen={member !== null} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Modal className="dialog">
        <Dialog role="alertdialog" className="dialog-body">
          <Heading slot="title" level={2}>
            Make {member} the active member of {status.id}?
          </Heading>
          {takeover && (
            <p>
              <StateWord condition={takeoverCondition(takeover)} />
              <br />
              {takeover.why}
            </p>
          )}
          <p>
            Publishers, queue consumers and bookmark subscribers that connect from now on go to {member}.
            {open > 0 && ` ${plural(open, "open connection")} at ${status.active} stay there until they end.`}
          </p>
          <div className="dialog-buttons">
            <Button look={isRisky ? "danger" : "primary"} onPress={promote}>
              {takeover?.verdict === "refuse" ? "Promote it and risk messages" : `Promote ${member}`}
            </Button>
            <Button autoFocus onPress={onClose}>
              Cancel
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
