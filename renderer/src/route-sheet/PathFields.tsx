import { useState } from "react";
import { Disclosure, DisclosurePanel, Button as AriaButton, Heading } from "react-aria-components";
import { ChevronRight } from "lucide-react";
import { CheckField, Segments, TextField } from "../design/Field.tsx";
import { type DraftForm, fieldOf } from "../edit/draft-form.ts";
import type { RouteDraft } from "./route-draft.ts";

/** What only a path route has. */
export function PathFields(form: DraftForm<RouteDraft>) {
  const { draft, set } = form;
  const unusual =
    draft.host !== "" || draft.keepPrefix || draft.preflight !== "answer" || draft.hosts || draft.origins;
  const [open, setOpen] = useState(Boolean(unusual));
  return (
    <>
      <TextField
        {...fieldOf(form, "path")}
        label="Path"
        placeholder="/prod-1"
        mono
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
            {...fieldOf(form, "host")}
            label="Host"
            placeholder="prod-1.localhost"
            mono
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
            {...fieldOf(form, "hosts")}
            label="Further host names"
            placeholder="desk.example.com"
            mono
            lines={2}
            hint="One a line; beside the listener’s own names."
          />
          <TextField
            {...fieldOf(form, "origins")}
            label="Further browser origins"
            placeholder="https://desk.example.com"
            mono
            lines={2}
            hint="One a line; pages from there may send requests here."
          />
        </DisclosurePanel>
      </Disclosure>
    </>
  );
}
