import { Plus, X } from "lucide-react";
import type { DeclaredLink } from "../../../app/contract/config.ts";
import { Button, IconButton } from "../design/Button.tsx";
import { SelectField } from "../design/Field.tsx";

interface DeclaredLinksProps {
  readonly members: readonly string[];
  readonly links: readonly DeclaredLink[];
  readonly onLinks: (links: readonly DeclaredLink[]) => void;
  readonly error: string | undefined;
}

const types = [
  { id: "sync", label: "sync", detail: "acknowledgements wait for it" },
  { id: "async", label: "async", detail: "acknowledgements do not" },
];

/** The replication links that the operator vouches for, where statistics cannot be read. */
export function DeclaredLinks({ members, links, onLinks, error }: DeclaredLinksProps) {
  const set = (at: number, change: Partial<DeclaredLink>) =>
    onLinks(links.map((link, index) => (index === at ? { ...link, ...change } : link)));
  const add = (): void => {
    const pairs = members.flatMap((from) => members.filter((to) => to !== from).map((to) => ({ from, to })));
    const isDeclared = (pair: (typeof pairs)[number]) =>
      links.some(({ from, to }) => from === pair.from && to === pair.to);
    const next = pairs.find((pair) => !isDeclared(pair)) ?? pairs[0];
    if (next) onLinks([...links, { ...next, type: "sync" }]);
  };
  return (
    <fieldset className="inset">
      <legend>Declared links</legend>
      <p className="field-hint">
        For instances whose statistics cannot be read. Your word is drawn as declared, and never outweighs
        what the statistics showed last.
      </p>
      {links.map((link, at) => (
        <div key={at} className="declared-link">
          <End
            label={`From, link ${at + 1}`}
            value={link.from}
            members={members}
            onChange={(from) => set(at, { from })}
          />
          <span aria-hidden>→</span>
          <End
            label={`To, link ${at + 1}`}
            value={link.to}
            members={members}
            onChange={(to) => set(at, { to })}
          />
          <SelectField
            name="links"
            label={`Type of link ${at + 1}`}
            hideLabel
            value={link.type}
            onChange={(type) => set(at, { type: type as DeclaredLink["type"] })}
            sections={[{ options: types }]}
          />
          <IconButton
            label={`Take link ${at + 1} out`}
            onPress={() => onLinks(links.filter((_link, index) => index !== at))}
          >
            <X />
          </IconButton>
        </div>
      ))}
      {error && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      <div className="declared-links-add">
        <Button size="small" isDisabled={members.length < 2} onPress={add}>
          <Plus aria-hidden />
          Declare a link
        </Button>
        {members.length < 2 && <span className="field-hint">A link joins two members.</span>}
      </div>
    </fieldset>
  );
}

interface EndProps {
  readonly label: string;
  readonly value: string;
  readonly members: readonly string[];
  readonly onChange: (id: string) => void;
}

/** One end of a link; a former member stays to be seen until it is replaced. */
function End({ label, value, members, onChange }: EndProps) {
  const known = members.includes(value) || value === "" ? members : [...members, value];
  return (
    <SelectField
      name="links"
      label={label}
      hideLabel
      value={value}
      placeholder="Member…"
      onChange={onChange}
      sections={[{ options: known.map((id) => ({ id, label: id })) }]}
    />
  );
}
