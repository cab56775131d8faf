import { useEffect, useState } from "react";
import { Dialog, Heading } from "react-aria-components";
import { Floating } from "../design/Floating.tsx";
import type { ClientAddress, Reply } from "../../../app/contract/commands.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { CopyButton } from "../design/CopyButton.tsx";

/** Whose addresses are wanted, and beside what they are shown. */
export interface AddressRequest {
  readonly id: string;
  readonly anchor: HTMLElement;
}

interface AddressPopoverProps {
  readonly request: AddressRequest;
  readonly onClose: () => void;
}

/** How each kind of client writes the address of one route, each to be copied. */
export function AddressPopover({ request, onClose }: AddressPopoverProps) {
  const bridge = useBridge();
  const [reply, setReply] = useState<Reply<readonly ClientAddress[]> | null>(null);
  const { id, anchor } = request;
  useEffect(() => {
    let open = true;
    void bridge.call("route.addresses", { id }).then((answer) => open && setReply(answer));
    return () => {
      open = false;
    };
  }, [bridge, id]);
  return (
    <Floating
      isOpen
      triggerRef={{ current: anchor }}
      placement="bottom start"
      onOpenChange={(open) => !open && onClose()}
    >
      <Dialog className="addresses">
        <Heading slot="title" level={3}>
          Addresses of {id}
        </Heading>
        {!reply && <p className="soft">Asking…</p>}
        {reply && !reply.ok && (
          <p className="field-error">
            {reply.failure.message} {reply.failure.advice}
          </p>
        )}
        {reply?.ok && reply.value.length === 0 && (
          <p className="soft">This route’s target offers no endpoint for it.</p>
        )}
        {reply?.ok && (
          <ul>
            {reply.value.map(({ label, value, note }) => (
              <li key={`${label} ${value}`} className="address">
                <div className="address-text">
                  <span className="soft">{label}</span>
                  <code>{value}</code>
                  {note && <span className="faint">{note}</span>}
                </div>
                <CopyButton text={value} label={`Copy the address for ${label}`} />
              </li>
            ))}
          </ul>
        )}
      </Dialog>
    </Floating>
  );
}
