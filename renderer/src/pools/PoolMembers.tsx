import { ArrowDown, ArrowUp, X } from "lucide-react";
import { Input, TextField as AriaTextField } from "react-aria-components";
import type { BackendConfig } from "../../../app/contract/config.ts";
import { IconButton } from "../design/Button.tsx";
import { SelectField } from "../design/Field.tsx";
import { moveMember, type PoolDraft } from "./pool-draft.ts";

interface PoolMembersProps {
  readonly draft: PoolDraft;
  readonly backends: readonly BackendConfig[];
  readonly onMembers: (members: readonly string[]) => void;
  readonly onWeights: (weights: PoolDraft["weights"]) => void;
  readonly error: string | undefined;
}

/** The members in order of preference, each with its weight. */
export function PoolMembers({ draft, backends, onMembers, onWeights, error }: PoolMembersProps) {
  const { members, weights, balance } = draft;
  const outside = backends.filter((backend) => !members.includes(backend.id));
  const weighed = balance !== "primary";
  return (
    <fieldset className="inset">
      <legend>Members, in order of preference</legend>
      {members.length > 0 && (
        <ol className="members">
          {members.map((member, index) => (
            <li key={member} className="member">
              <span className="member-place">{index + 1}</span>
              <span className="mono ellipsis">{member}</span>
              {weighed && (
                <AriaTextField
                  aria-label={`Weight of ${member}`}
                  className="member-weight"
                  value={weights[member] ?? ""}
                  onChange={(weight) => onWeights({ ...weights, [member]: weight })}
                >
                  <Input className="input" placeholder="weight 1" inputMode="numeric" data-field="weights" />
                </AriaTextField>
              )}
              <IconButton
                label={`Move ${member} up`}
                isDisabled={index === 0}
                onPress={() => onMembers(moveMember(members, index, -1))}
              >
                <ArrowUp />
              </IconButton>
              <IconButton
                label={`Move ${member} down`}
                isDisabled={index === members.length - 1}
                onPress={() => onMembers(moveMember(members, index, 1))}
              >
                <ArrowDown />
              </IconButton>
              <IconButton
                label={`Take ${member} out`}
                onPress={() => onMembers(members.filter((other) => other !== member))}
              >
                <X />
              </IconButton>
            </li>
          ))}
        </ol>
      )}
      {outside.length > 0 && (
        <SelectField
          name="members"
          label="Add a member"
          value={null}
          placeholder="Choose a backend…"
          onChange={(id) => onMembers([...members, id])}
          error={error}
          sections={[
            { options: outside.map((row) => ({ id: row.id, label: row.id, detail: row.label ?? "" })) },
          ]}
        />
      )}
      {outside.length === 0 && error && <p className="field-error">{error}</p>}
    </fieldset>
  );
}
