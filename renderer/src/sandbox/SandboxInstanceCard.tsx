import type { SandboxAction, SandboxInstance, SandboxLink } from "../../../app/contract/sandbox.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { Segments } from "../design/Field.tsx";
import { formatCount, formatDuration } from "../design/format.ts";
import { StateMark, StateWord } from "../design/StateMark.tsx";
import type { Condition } from "../routes/route-condition.ts";
import { actOnInstance } from "./sandbox-actions.ts";

const states: Readonly<Record<SandboxInstance["state"], Condition>> = {
  running: { tone: "ok", shape: "disc", word: "Running", trouble: false },
  stopped: { tone: "idle", shape: "ring", word: "Stopped", trouble: false },
};

const delaysMs = [0, 50, 500, 3000] as const;

/** One simulated instance: its figures, its ports, its links, and its switches. */
export function SandboxInstanceCard({ instance }: { readonly instance: SandboxInstance }) {
  const bridge = useBridge();
  const act = (action: SandboxAction): void => void actOnInstance(bridge, instance.name, action);
  const { name, state, delayMs, ports, clients, messagesIn, messagesOut, links } = instance;
  const delays = [...new Set([...delaysMs, delayMs])].sort((a, b) => a - b);
  return (
    <li className="sandbox-card" data-state={state}>
      <div className="sandbox-card-head">
        <h2>{name}</h2>
        <StateWord condition={states[state]} />
        <Button size="small" onPress={() => act({ do: state === "running" ? "stop" : "start" })}>
          {state === "running" ? "Stop" : "Start"}
        </Button>
      </div>
      <dl className="figures">
        <Figure name="Clients" value={formatCount(clients)} />
        <Figure name="Messages in" value={formatCount(messagesIn)} />
        <Figure name="Messages out" value={formatCount(messagesOut)} />
      </dl>
      <dl className="figures figures-small">
        {Object.entries(ports).map(([kind, port]) => (
          <Figure key={kind} name={kind} value={String(port)} />
        ))}
      </dl>
      <div className="sandbox-control">
        <span className="field-label">Delay of every answer</span>
        <Segments
          label={`Delay of ${name}`}
          value={String(delayMs)}
          onChange={(value) => act({ do: "slow", delayMs: Number(value) })}
          options={delays.map((ms) => ({
            id: String(ms),
            label: ms === 0 ? "None" : ms < 1000 ? `${ms} ms` : `${ms / 1000} s`,
          }))}
        />
      </div>
      <div className="sandbox-control">
        <span className="field-label">Replicates to</span>
        {links.map((link) => (
          <Link key={link.to} link={link} onAct={act} disabled={state !== "running"} />
        ))}
        {links.length === 0 && <span className="faint">no other instance</span>}
      </div>
    </li>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

interface LinkProps {
  readonly link: SandboxLink;
  readonly onAct: (action: SandboxAction) => void;
  readonly disabled: boolean;
}

function Link({ link, onAct, disabled }: LinkProps) {
  const { to, type, configured, connected, secondsBehind } = link;
  const downgraded = type === "async" && configured === "sync";
  const condition: Condition = connected
    ? {
        tone: downgraded ? "warn" : "ok",
        shape: downgraded ? "half" : "disc",
        word: "connected",
        trouble: downgraded,
      }
    : { tone: "bad", shape: "cross", word: "disconnected", trouble: true };
  return (
    <div className="sandbox-link" data-tone={condition.tone}>
      <StateMark condition={condition} />
      <span className="mono">{to}</span>
      <span>
        {type}
        {downgraded && " (downgraded)"}, {condition.word}
        {secondsBehind > 0 && `, ${formatDuration(secondsBehind * 1000)} behind`}
      </span>
      {configured === "sync" && (
        <Button
          size="small"
          isDisabled={disabled}
          onPress={() => onAct({ do: downgraded ? "upgrade" : "downgrade", to })}
        >
          {downgraded ? "Upgrade" : "Downgrade"}
        </Button>
      )}
    </div>
  );
}
