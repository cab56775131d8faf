import { useState } from "react";
import type { ShuntConfig, TunnelConfig } from "../../../app/contract/config.ts";
import { Button } from "../design/Button.tsx";
import { SelectField, TextField } from "../design/Field.tsx";
import { SheetFrame } from "../design/Sheet.tsx";
import { usersOfTunnel, withTunnel } from "../edit/config-edit.ts";
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
  const field = (name: "id" | "address" | "user" | "identityFile" | "knownHosts" | "note") => ({
    name,
    value: draft[name],
    onChange: (value: string) => set(name, value),
    error: errorOf(name),
  });

  return (
    <SheetFrame
      title={id === null ? "New tunnel" : `Tunnel ${id}`}
      onClose={closeSheet}
      onSubmit={() => void submit()}
      footer={
        <>
          <p className="sheet-preview">{previewTunnel(config, id)}</p>
          <Button type="submit" look="primary" isDisabled={saving}>
            {id === null ? "Create tunnel" : "Save"}
          </Button>
          <Button onPress={closeSheet}>Cancel</Button>
        </>
      }
    >
      <SheetNotices {...notices} />
      <div className="field-grid">
        <TextField {...field("id")} label="Name" placeholder="bastion" mono />
        <SelectField
          name="type"
          label="Kind"
          value={draft.type}
          onChange={(value) => set("type", value as TunnelConfig["type"])}
          error={errorOf("type")}
          sections={[{ options: types }]}
        />
      </div>
      <TextField {...field("address")} label="Address" placeholder={placeholders[draft.type]} mono />
      <TextField {...field("user")} label="User" hint={secretHint(draft, runtime)} />
      {draft.type === "ssh" && (
        <div className="field-grid">
          <TextField
            {...field("identityFile")}
            label="Key file"
            placeholder="~/.ssh/id_ed25519"
            hint="Default: what ~/.ssh/config says, and the agent."
            mono
          />
          <TextField
            {...field("knownHosts")}
            label="Known hosts file"
            placeholder="~/.ssh/known_hosts"
            hint="Trusted besides what you accept in Shunt. Read, never written."
            mono
          />
        </div>
      )}
      <TextField {...field("note")} label="Note" lines={2} />
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
