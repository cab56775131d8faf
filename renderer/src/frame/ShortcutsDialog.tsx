import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { Button } from "../design/Button.tsx";
import { useView } from "../view/view-store.ts";

const sections = [
  {
    title: "Everywhere",
    keys: [
      ["Ctrl K", "Commands, routes and screens by name"],
      ["1 … 9", "The screens, in the order of the rail"],
      ["N", "New route; on Backends, Pools and Tunnels one of theirs"],
      ["/ or Ctrl F", "Filter by any words; tag:emea for a tag"],
      ["Ctrl Z", "Undo what the newest message says"],
      ["?", "These shortcuts"],
      ["Esc", "Close what is in front, leave a route’s details, clear a selection or a filter"],
    ],
  },
  {
    title: "In a table",
    keys: [
      ["↑ ↓ Home End", "From row to row"],
      ["→ ←", "Into the row’s buttons and back"],
      ["Enter", "Details of the route; elsewhere edit"],
      ["E", "Edit the route"],
      ["Space", "Start or stop the route"],
      ["R", "Restart the route"],
      ["X", "Select the row"],
      ["C", "Copy address, as a client writes it"],
      ["Ctrl C", "Copy host:port"],
      ["Del", "Delete; on Connections, close"],
    ],
  },
] as const;

/** Every key there is, on one card. */
export function ShortcutsDialog() {
  const isOpen = useView((view) => view.overlay === "shortcuts");
  const close = (): void => {
    useView.setState({ overlay: null });
  };
  return (
    <ModalOverlay className="scrim" isOpen={isOpen} isDismissable onOpenChange={(open) => !open && close()}>
      <Modal className="dialog dialog-wide">
        <Dialog className="dialog-body">
          <Heading slot="title" level={2}>
            Shortcuts
          </Heading>
          <div className="shortcut-columns">
            {sections.map((section) => (
              <section key={section.title}>
                <h3>{section.title}</h3>
                <dl className="shortcuts">
                  {section.keys.map(([key, does]) => (
                    <div key={key}>
                      <dt>
                        <span className="kbd">{key}</span>
                      </dt>
                      <dd>{does}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
          <div className="dialog-buttons">
            <Button autoFocus onPress={close}>
              Close
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
