import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { Button } from "../design/Button.tsx";
import { formatCount } from "../design/format.ts";
import { useView } from "../view/view-store.ts";

const drainMs = 600_000;

/** Asks what becomes of live connections when their route ends; never asked when there are none. */
export function EndingDialog() {
  const question = useView((view) => view.question);
  const close = (): void => {
    useView.setState({ question: null });
  };
  const choose = (graceMs: number): void => {
    close();
    question?.onChoose(graceMs);
  };
  const open = question?.openConnections ?? 0;
  const ofPublishers = question?.ofPublishers ?? 0;
  return (
    <ModalOverlay className="scrim" isOpen={question !== null} onOpenChange={(isOpen) => !isOpen && close()}>
      <Modal className="dialog">
        <Dialog role="alertdialog" className="dialog-body">
          <Heading slot="title" level={2}>
            {question?.title}
          </Heading>
          <p>
            <strong>
              {formatCount(open)} {open === 1 ? "connection is" : "connections are"} open
              {ofPublishers > 0 && `, ${formatCount(ofPublishers)} of publishers`}.
            </strong>{" "}
            {question?.listensAgain ? "New ones are taken again at once." : "No new ones will be taken."}{" "}
            Draining lets the open ones finish by themselves; whatever is left after 10 minutes is cut.
          </p>
          <div className="dialog-buttons">
            <Button look="primary" autoFocus onPress={() => choose(drainMs)}>
              Drain up to 10 minutes
            </Button>
            <Button look="danger" onPress={() => choose(0)}>
              Cut now
            </Button>
            <Button onPress={close}>Cancel</Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
