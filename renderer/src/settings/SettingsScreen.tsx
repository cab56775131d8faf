import { BellOff, FlaskConical, Import } from "lucide-react";
import { useEffect, useState } from "react";
import type { Shell, Theme } from "../../../app/contract/bridge.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { CopyButton } from "../design/CopyButton.tsx";
import { CheckField, Segments } from "../design/Field.tsx";
import { plural } from "../design/format.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { startSandbox, useSandboxRunning } from "../sandbox/sandbox-actions.ts";
import { showToast } from "../view/toasts.ts";
import { openSheet, showScreen, useView } from "../view/view-store.ts";
import { useShellSettings } from "./shell-settings.ts";
import { useTheme } from "./theme.ts";
import { UpdatesSection } from "./UpdatesSection.tsx";

const themes: readonly { readonly id: Theme; readonly label: string }[] = [
  { id: "system", label: "As the system" },
  { id: "light", label: "Light" },
  { id: "dark", label: "Dark" },
];

/** What is set for the whole application, and what it is. */
export function SettingsScreen() {
  const about = useMirror((mirror) => mirror.about);
  const saved = useMirror((mirror) => mirror.saved);
  const singleKeys = useView((view) => view.singleKeys);
  const [theme, setTheme] = useTheme();
  const { shell } = useBridge();
  return (
    <div className="screen">
      <div className="screen-scroll settings">
        <section>
          <h2>Appearance</h2>
          <Segments label="Theme" value={theme} onChange={setTheme} options={themes} />
        </section>
        {shell && <LoginSection shell={shell} />}
        {shell && <NotificationsSection shell={shell} />}
        <section>
          <h2>Keyboard</h2>
          <CheckField isSelected={singleKeys} onChange={(on) => useView.setState({ singleKeys: on })}>
            <span>
              Shortcuts of a single key <span className="soft">(N, /, ?, 1 … 9)</span>
            </span>
          </CheckField>
        </section>
        <section>
          <h2>Configuration</h2>
          {saved?.notice && (
            <div className="notice" data-tone="warn">
              {saved.notice}
            </div>
          )}
          {about && about.configFile !== null && (
            <div className="path-line">
              <code>{about.configFile}</code>
              <CopyButton text={about.configFile} label="Copy the path" />
            </div>
          )}
          {about?.configFile === null && (
            <p>In memory alone: it is gone when Shunt ends. Copy it to keep it.</p>
          )}
          {saved && (
            <p className="soft">
              {plural(saved.config.routes.length, "route")}, {plural(saved.config.backends.length, "backend")}
              , {plural(saved.config.pools.length, "pool")}, {plural(saved.config.tunnels.length, "tunnel")}.
              No secret is ever written into it.
            </p>
          )}
          <div className="row-actions">
            <Button onPress={() => openSheet({ kind: "import" })}>
              <Import aria-hidden />
              Import…
            </Button>
            {saved && <CopyConfig text={JSON.stringify(saved.config, null, 2)} />}
          </div>
        </section>
        <SandboxSection />
        {shell && <UpdatesSection />}
        {about && (
          <section>
            <h2>About</h2>
            <dl className="about">
              <dt>Shunt</dt>
              <dd>
                {about.version}, {about.runtime === "desktop" ? "desktop app" : "headless, in a browser"}
              </dd>
              <dt>Engine</dt>
              <dd>{about.engine}</dd>
              <dt>Forwarding</dt>
              <dd>
                {about.forwarding.native
                  ? "Native: plain TCP is moved on a thread of its own"
                  : `Node.js: the native mover is not in use, ${about.forwarding.why ?? "and does not say why"}`}
              </dd>
              <dt>System</dt>
              <dd>{about.platform}</dd>
            </dl>
          </section>
        )}
      </div>
    </div>
  );
}

/** Left out in a browser, which the system does not start. */
function LoginSection({ shell }: { readonly shell: Shell }) {
  const [on, setOn] = useState<boolean | null>(null);
  useEffect(() => {
    void shell.getStartAtLogin().then(setOn);
  }, [shell]);
  const change = async (wanted: boolean): Promise<void> => {
    const is = await shell.setStartAtLogin(wanted);
    setOn(is);
    if (is !== wanted)
      showToast({
        tone: "bad",
        text: "The system did not change what it starts at login. The log says why (Help, Open log folder).",
      });
  };
  return (
    <section>
      <h2>At login</h2>
      <CheckField
        isSelected={on === true}
        isDisabled={on === null}
        onChange={(wanted) => void change(wanted)}
      >
        <span>
          Start Shunt when I log in{" "}
          <span className="soft">(behind other windows; the routes that ran start again)</span>
        </span>
      </CheckField>
    </section>
  );
}

/** Left out in a browser, which notifies of nothing. */
function NotificationsSection({ shell }: { readonly shell: Shell }) {
  const muted = useShellSettings(({ mutedRoutes }) => mutedRoutes);
  return (
    <section>
      <h2>Notifications</h2>
      <p className="soft">
        One when something has failed, one when it works again. A route’s menu mutes it; a backend is quiet
        when every route to it is.
      </p>
      {muted.length > 0 && (
        <ul className="settings-muted" aria-label="Muted routes">
          {muted.map((id) => (
            <li key={id}>
              <BellOff aria-hidden />
              <strong>{id}</strong>
              <Button
                size="small"
                aria-label={`Notify of ${id} again`}
                onPress={() => void shell.setRouteMuted(id, false)}
              >
                Notify again
              </Button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function CopyConfig({ text }: { readonly text: string }) {
  return (
    <span className="path-line">
      <CopyButton text={text} label="Copy the configuration as JSON" />{" "}
      <span className="soft">Copy as JSON</span>
    </span>
  );
}

function SandboxSection() {
  const bridge = useBridge();
  const running = useSandboxRunning();
  return (
    <section>
      <h2>Sandbox</h2>
      <p className="soft">
        Simulated AMPS instances that replicate to each other, with routes to try everything on.
      </p>
      <Button onPress={() => (running ? showScreen("sandbox") : void startSandbox(bridge))}>
        <FlaskConical aria-hidden />
        {running ? "Open its controls" : "Start the sandbox"}
      </Button>
    </section>
  );
}
