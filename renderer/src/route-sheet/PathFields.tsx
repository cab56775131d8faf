import { useState } from "react";
import { Disclosure, DisclosurePanel, Button as AriaButton, Heading } from "react-aria-components";
import { ChevronRight } from "lucide-react";
import { CheckField, Segments, TextField } from "../design/Field.tsx";
import type { RouteDraft } from "./route-draft.ts";

export interface PathFieldsProps {
  readonly draft: RouteDraft;
  readonly set: <Name extends keyof RouteDraft>(name: Name, value: RouteDraft[Name]) => void;
  readonly errorOf: (name: string) => string | undefined;
}

/** What only a path route has. */
export function PathFields({ draft, set, errorOf }: PathFieldsProps) {
  const unusual =
    draft.host !== "" || draft.keepPrefix || draft.preflight !== "answer" || draft.hosts || draft.origins;
  const [open, setOpen] = useState(Boolean(unusual));
  return (
    <>
      <TextField
        name="path"
        label="Path"
        placeholder="/prod-1"
        mono
        value={draft.path}
        onChange={(value) => set("path", value)}
        error={errorOf("path")}
        hint="Everything below it is carried: WebSocket, preflight and admin alike."
      />
      <Disclosure className="disclosure" isExpanded={open} onExpandedChange={setOpen}>
        <Heading level={3}>
          <AriaButton slot="trigger" className="disclosure-button">
            <ChevronRight aria-hidden /> Host, preflight, who may ask
          </AriaButton>
        </Heading>
        <DisclosurePanel className="disclosure-panel">
          <TextField
            name="host"
            label="Host"
            placeholder="prod-1.localhost"
            mono
            value={draft.host}
            onChange={(value) => set("host", value)}
            error={errorOf("host")}
            hint="Instead of a path, or beside it: the Host name that requests carry."
          />
          <CheckField isSelected={draft.keepPrefix} onChange={(on) => set("keepPrefix", on)}>
            <span>Keep the path in front when forwarding</span>
          </CheckField>
          <div className="field">
            <span className="field-label" aria-hidden>
              Who answers the 101 of an http_preflight client
            </span>
            <Segments
              label="Who answers the 101 of an http_preflight client"
              value={draft.preflight}
              onChange={(value) => set("preflight", value)}
              options={[
                { id: "answer", label: "Shunt (any AMPS version)" },
                { id: "pass", label: "The server" },
              ]}
            />
          </div>
          <TextField
            name="hosts"
            label="Further host names"
            placeholder="desk.example.com"
            mono
            lines={2}
            value={draft.hosts}
            onChange={(value) => set("hosts", value)}
            error={errorOf("hosts")}
            hint="One a line; beside the listener’s own names."
          />
          <TextField
            name="origins"
            label="Further browser origins"
            placeholder="https://desk.example.com"
            mono
            lines={2}
            value={draft.origins}
            onChange={(value) => set("origins", value)}
            error={errorOf("origins")}
            hint="One a line; pages from there may send requests here."
          />
        </DisclosurePanel>
      </Disclosure>
    </>
  );
}
