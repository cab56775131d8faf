import { type ReactNode, useContext, useEffect, useState } from "react";
import { OverlayTriggerStateContext, Popover, type PopoverProps } from "react-aria-components";
import { useView } from "../view/view-store.ts";

interface FloatingProps extends Omit<PopoverProps, "children" | "className"> {
  readonly children: ReactNode;
  /** Beside the popover's own. */
  readonly className?: string;
}

/** A menu, a list or a panel beside what opened it. Closes when a palette, a sheet or a question comes in front of it. */
export function Floating({ children, className, ...rest }: FloatingProps) {
  const { onOpenChange } = rest;
  return (
    <Popover {...rest} className={className ? `popover ${className}` : "popover"}>
      <CloseWhenCovered onClose={() => onOpenChange?.(false)} />
      {children}
    </Popover>
  );
}

/** Once what covers it is there: that takes over where the focus returns to. */
function CloseWhenCovered({ onClose }: { readonly onClose: () => void }) {
  // Null where the popover has no trigger and its owner says whether it is open.
  const trigger = useContext(OverlayTriggerStateContext);
  const front = useView(({ question, overlay, sheet }) => question ?? overlay ?? sheet);
  const [opening] = useState(front);
  useEffect(() => {
    if (front === opening) return;
    if (trigger) trigger.close();
    else onClose();
  });
  return null;
}
