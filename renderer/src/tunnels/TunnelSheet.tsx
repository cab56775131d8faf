import { useState } from "react";
import type { ShuntConfig } from "../../../app/contract/config.ts";
import { SelectField, TextField } from "../design/Field.tsx";
import { SheetFrame } from "../design/Sheet.tsx";
import { usersOfTunnel, withTunnel } from "../edit/config-edit.ts";
import { fieldOf } from "../edit/draft-form.ts";
import { SheetFooter } from "../edit/SheetFooter.tsx";
import { SheetNotices } from "../edit/SheetNotices.tsx";
import { useRowSheet } from "../edit/use-row-sheet.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { closeSheet } from "../view/view-store.ts";
import { draftOfTunnel, secretVariable, type TunnelDraft, tunnelOfDraft } from "./tunnel-draft.ts";

const types = [
  { id: "ssh", label: "SSH", detail: "a bastion; ~/.ssh/config is honoured" },
  { id: "socks5", label: "SOCKS5", detail: "a proxy" },
  { id: "http-connect", label: "HTTP CONNECT", detail: "a web proxy" },
] as const;

const placeholders = {
  ssh: "jump.example.com:22, or a name of ~/.ssh/config",
  socks5: "proxy.example.com:1080",
  "http-connect": "proxy.example.com:3128",
} as const;

/** Creates or edits one tunnel. */
export function TunnelSheet({ id }: { readonly id: string | null }) {
  const config = useMirror((mirror) => mirror.saved?.config) as ShuntConfig;
  const runtime = useMirror((mirror) => mirror.about?.runtime);
  const before = config.tunnels.find((tunnel) => tunnel.id === id) ?? null;
  const [draft, setDraft] = useState<TunnelDraft>(() => draftOfTunnel(before));
  const tunnel = tunnelOfDraft(draft);
  const edit = (onto: ShuntConfig): ShuntConfig => withTunnel(onto, tunnel, id);
  const { errorOf, set, submit, saving, notices } = useRowSheet<TunnelDraft>({
    collection: "tunnels",
    noun: "Tunnel",
    id,
    draftId: tunnel.id,
    setDraft,
    edit,
  });
  const form = { draft, set, errorOf };

  return (
    <SheetFrame
      title={id === null ? "New tunnel" : `Tunnel ${id}`}
      onClose={closeSheet}
      onSubmit={() => void submit()}
      footer={
        <SheetFooter
          preview={previewTunnel(config, id)}
          action={id === null ? "Create tunnel" : "Save"}
          isDisabled={saving}
        />
      }
    >
      <SheetNotices {...notices} />
      <div className="field-grid">
        <TextField {...fieldOf(form, "id")} label="Name" placeholder="bastion" mono />
        <SelectField {...fieldOf(form, "type")} label="Kind" sections={[{ options: types }]} />
      </div>
      <TextField {...fieldOf(form, "address")} label="Address" placeholder={placeholders[draft.type]} mono />
      <TextField {...fieldOf(form, "user")} label="User" hint={secretHint(draft, runtime)} />
      {draft.type === "ssh" && (
        <div className="field-grid">
          <TextField
            {...fieldOf(form, "identityFile")}
            label="Key file"
            placeholder="~/.ssh/id_ed25519"
            hint="Default: what ~/.ssh/config says, and the agent."
            mono
          />
          <TextField
            {...fieldOf(form, "knownHosts")}
            label="Known hosts file"
            placeholder="~/.ssh/known_hosts"
            hint="Trusted besides what you accept in Shunt. Read, never written."
            mono
          />
        </div>
      )}
      <TextField {...fieldOf(form, "note")} label="Note" lines={2} />
    </SheetFrame>
  );
}

function secretHint({ id, type }: TunnelDraft, runtime: string | undefined): string {
  const what = type === "ssh" ? "A key's passphrase or a password" : "The password";
  if (runtime === "desktop") return `${what} is asked for when it is needed.`;
  const variable = secretVariable(id.trim() === "" ? "name" : id.trim());
  return `${what} is read from the environment variable ${variable}, and kept nowhere.`;
}

function previewTunnel(config: ShuntConfig, id: string | null): string {
  if (id === null) return "Opened when a backend that names it is first used.";
  const users = usersOfTunnel(config, id);
  return users.length > 0
    ? `Used by ${users.join(", ")}; a change ends the connections through it.`
    : "Used by no backend yet.";
}
