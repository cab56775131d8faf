import type { ReactNode } from "react";
import type { ShuntConfig } from "../../../app/contract/config.ts";
import { Button } from "../design/Button.tsx";
import { SelectField, TextField } from "../design/Field.tsx";
import { SheetNotices } from "../edit/SheetNotices.tsx";
import { useMirror } from "../mirror/mirror-store.ts";
import { FileButton } from "./FileButton.tsx";
import { ImportItems } from "./ImportItems.tsx";
import type { SourceImport, SourceKind } from "./use-source-import.ts";

interface SourceFieldsProps extends SourceImport {
  readonly kind: SourceKind;
}

/** Where to read from, and below it what was found there. */
export function SourceFields(props: SourceFieldsProps) {
  const { kind, reading, preview, unread, conflict, failure, problems } = props;
  return (
    <>
      {kind === "ssh-config" && <SshConfigFields {...props} />}
      {kind === "amps-config" && <AmpsFileFields {...props} />}
      {(kind === "nginx" || kind === "haproxy") && (
        <TextSource
          input={props.input}
          setInput={props.setInput}
          hint="What carries traffic on is read; what it includes is not. Paths of certificates have to be right on the machine that Shunt runs on."
        />
      )}
      {kind === "amps-instance" && <InstanceFields {...props} />}
      <SheetNotices conflict={conflict} failure={failure} ofRow={[]} elsewhere={problems} />
      {unread && (
        <div className="notice" data-tone="bad" role="alert">
          <span>
            <strong>{unread.message}</strong> {unread.advice}
          </span>
        </div>
      )}
      {reading && <p className="soft">Reading…</p>}
      {preview && <ImportItems preview={preview} chosen={props.chosen} onToggle={props.toggle} />}
    </>
  );
}

interface TextSourceProps extends Pick<SourceImport, "input" | "setInput"> {
  readonly accept?: readonly string[];
  /** Stands beside the button once there is a text. */
  readonly beside?: ReactNode;
  readonly hint: ReactNode;
}

/** A text from a file or pasted, whichever came last, and what is read of it. */
function TextSource({ input, setInput, accept, beside, hint }: TextSourceProps) {
  const { file, pasted } = input;
  return (
    <>
      <div className="field">
        <div className="import-file">
          <FileButton
            label={file ? "Choose another file…" : "Choose a file…"}
            {...(accept && { accept })}
            onFile={(name, text) => setInput({ ...input, file: { name, text }, pasted: "" })}
          />
          {(file || pasted.trim() !== "") && (beside ?? <code>{file?.name}</code>)}
        </div>
        <p className="field-hint">{hint}</p>
      </div>
      <TextField
        name="pasted"
        label="Or paste its text"
        mono
        lines={5}
        value={pasted}
        onChange={(text) => setInput({ ...input, file: null, pasted: text })}
      />
    </>
  );
}

function SshConfigFields({ input, setInput }: SourceImport) {
  const { file, pasted } = input;
  return (
    <TextSource
      input={input}
      setInput={setInput}
      beside={
        <Button onPress={() => setInput({ ...input, file: null, pasted: "" })}>Use ~/.ssh/config</Button>
      }
      hint={
        file || pasted.trim() !== "" ? (
          <>
            Read: {file ? <code>{file.name}</code> : "what is pasted"}. Jump hosts and keys are still taken
            from ~/.ssh/config.
          </>
        ) : (
          <>
            Read: <code>~/.ssh/config</code> of the machine that Shunt runs on.
          </>
        )
      }
    />
  );
}

function AmpsFileFields({ input, setInput }: SourceImport) {
  const { tunnels } = useMirror((mirror) => mirror.saved?.config) as ShuntConfig;
  const { host, via } = input;
  return (
    <>
      <TextSource
        input={input}
        setInput={setInput}
        accept={[".xml", "text/xml", "application/xml"]}
        hint="Only names, types and addresses are read. Passwords in it are not kept, and a file is not shown."
      />
      <TextField
        name="host"
        label="Host that the file came from"
        placeholder="amps-prod-1.internal"
        mono
        value={host}
        onChange={(value) => setInput({ ...input, host: value })}
        hint="Needed where the file says a port only, or listens on every address."
      />
      {tunnels.length > 0 && (
        <SelectField
          name="via"
          label="Reached through"
          value={via === "" ? direct : via}
          onChange={(id) => setInput({ ...input, via: id === direct ? "" : id })}
          sections={[
            {
              options: [
                { id: direct, label: "Nothing: directly" },
                ...tunnels.map(({ id, address }) => ({ id, label: id, detail: address })),
              ],
            },
          ]}
        />
      )}
    </>
  );
}

/** Stands for no tunnel; no id has a colon. */
const direct = ":direct";

function InstanceFields({ input, setInput }: SourceImport) {
  const { backends } = useMirror((mirror) => mirror.saved?.config) as ShuntConfig;
  const withAdmin = backends.filter(({ admin }) => admin !== undefined);
  if (withAdmin.length === 0)
    return (
      <p className="soft">No backend has an admin endpoint, where an instance tells its configuration.</p>
    );
  return (
    <SelectField
      name="backend"
      label="Backend"
      placeholder="Choose a backend…"
      value={input.backend || null}
      onChange={(backend) => setInput({ ...input, backend })}
      hint="Read from /amps/instance/config.xml, through its tunnel. Passwords in it are neither shown nor kept."
      sections={[{ options: withAdmin.map(({ id, admin }) => ({ id, label: id, detail: admin ?? "" })) }]}
    />
  );
}
