import type { ClientRole } from "../../../app/contract/config.ts";
import { CheckField, SelectField } from "../design/Field.tsx";
import { type DraftForm, fieldOf } from "../edit/draft-form.ts";
import type { RouteDraft } from "./route-draft.ts";

const roles: readonly { readonly id: ClientRole; readonly label: string; readonly detail: string }[] = [
  { id: "mixed", label: "Mixed", detail: "treated as the strictest" },
  { id: "publishers", label: "Publishers", detail: "only across safe links" },
  { id: "queue-consumers", label: "Queue consumers", detail: "only across safe links" },
  { id: "bookmark-subscribers", label: "Bookmark subscribers", detail: "only across safe links" },
  { id: "subscribers", label: "Subscribers", detail: "spread over every member that is up" },
];

/** What the clients of a route to a pool do, and what follows from it. */
export function ClientFields(form: DraftForm<RouteDraft>) {
  const { draft, set, errorOf } = form;
  const isSubscribers = draft.clients === "subscribers";
  return (
    <>
      <SelectField
        {...fieldOf(form, "clients")}
        label="What its clients do"
        hint="Decides how far a failover may go without losing messages."
        sections={[{ options: roles }]}
      />
      {(!isSubscribers || draft.sticky) && (
        <Flag
          isSelected={draft.sticky}
          onChange={(on) => set("sticky", on)}
          label="Send a client name to the same member each time"
          error={errorOf("sticky")}
        />
      )}
      {isSubscribers && (
        <Flag
          isSelected={draft.enforceRole}
          onChange={(on) => set("enforceRole", on)}
          label="Close connections that publish, consume a queue or subscribe with a bookmark"
          error={errorOf("enforceRole")}
        />
      )}
    </>
  );
}

interface FlagProps {
  readonly isSelected: boolean;
  readonly onChange: (on: boolean) => void;
  readonly label: string;
  readonly error: string | undefined;
}

function Flag({ isSelected, onChange, label, error }: FlagProps) {
  return (
    <div>
      <CheckField isSelected={isSelected} onChange={onChange} isInvalid={error !== undefined}>
        <span>{label}</span>
      </CheckField>
      {error && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
