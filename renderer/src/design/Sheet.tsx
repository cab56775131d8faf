import { X } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { IconButton } from "./Button.tsx";

interface SheetFrameProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly onSubmit: () => void;
  readonly footer: ReactNode;
  readonly children: ReactNode;
}

/**
 * The side sheet: a form with its heading above and its buttons below, both always in view. Esc closes it. The first field
 * that is typed into has the focus, what it holds selected; a sheet without one has it itself.
 */
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
          <SheetForm onSubmit={onSubmit}>
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
          </SheetForm>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

/** Takes the focus before the dialog around it would. */
function SheetForm({ onSubmit, children }: Pick<SheetFrameProps, "onSubmit" | "children">) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const first = form.current?.querySelector<HTMLInputElement | HTMLTextAreaElement>(
      "input[data-field], textarea[data-field]",
    );
    first?.focus();
    first?.select();
  }, []);
  return (
    <form
      className="sheet-form"
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}
