import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { IconButton } from "./Button.tsx";

export interface SheetFrameProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly onSubmit: () => void;
  readonly footer: ReactNode;
  readonly children: ReactNode;
}

/** The side sheet: a form with its heading above and its buttons below, both always in view. Esc closes it. */
export function SheetFrame({ title, onClose, onSubmit, footer, children }: SheetFrameProps) {
  return (
    <ModalOverlay
      className="scrim sheet-scrim"
      isOpen
      isDismissable={false}
      onOpenChange={(open) => !open && onClose()}
    >
      <Modal className="sheet">
        <Dialog className="sheet-dialog">
          <form
            className="sheet-form"
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              onSubmit();
            }}
          >
            <header className="sheet-head">
              <Heading slot="title" level={2}>
                {title}
              </Heading>
              <IconButton label="Close (Esc)" onPress={onClose}>
                <X />
              </IconButton>
            </header>
            <div className="sheet-body">{children}</div>
            <footer className="sheet-foot">{footer}</footer>
          </form>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
