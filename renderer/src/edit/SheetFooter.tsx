import { Button } from "../design/Button.tsx";
import { closeSheet } from "../view/view-store.ts";

interface SheetFooterProps {
  /** What saving will do. */
  readonly preview: string;
  /** What the button says that saves. */
  readonly action: string;
  readonly isDisabled: boolean;
}

/** Below a form: what saving will do, the button that does it, and the way out. */
export function SheetFooter({ preview, action, isDisabled }: SheetFooterProps) {
  return (
    <>
      <p className="sheet-preview" aria-live="polite">
        {preview}
      </p>
      <Button type="submit" look="primary" isDisabled={isDisabled}>
        {action}
      </Button>
      <Button onPress={closeSheet}>Cancel</Button>
    </>
  );
}
