import { ExternalLink, Plus } from "lucide-react";
import type { BrowserLimit, GalvanometerOpening } from "../../../app/contract/galvanometer.ts";
import { Button } from "../design/Button.tsx";
import { CopyButton } from "../design/CopyButton.tsx";
import { SheetFrame } from "../design/Sheet.tsx";
import { closeSheet } from "../view/view-store.ts";
import { addPeer } from "./open-galvanometer.ts";

/** What a browser can do with a backend's Galvanometer: a profile of its own for everything, pages for most of it. */
export function GalvanometerSheet({ opening }: { readonly opening: GalvanometerOpening }) {
  const { backend, address, command, pages, limits, uncovered } = opening;
  return (
    <SheetFrame
      title={`Galvanometer of ${backend}`}
      onClose={closeSheet}
      onSubmit={closeSheet}
      footer={
        <>
          <p className="sheet-preview mono ellipsis">{address}</p>
          <Button type="submit">Close</Button>
        </>
      }
    >
      {command !== null && (
        <section className="galvanometer-part">
          <h3>Everything works in a browser of its own</h3>
          <p className="soft">
            This command starts one whose whole traffic goes through Shunt, under the instance’s real address:
            replication view and SQL page included. Run it where Shunt’s configuration is.
          </p>
          <Copyable text={command} label="Copy the command" />
        </section>
      )}
      <section className="galvanometer-part">
        <h3>In this browser</h3>
        {pages.length === 0 && (
          <p className="soft">
            No running route leads to the admin endpoint of {backend}. Add a path route or an admin route.
          </p>
        )}
        <ul className="galvanometer-pages">
          {pages.map(({ route, url, sql }) => (
            <li key={route}>
              <a href={url} target="_blank" rel="noreferrer noopener">
                {url} <ExternalLink aria-hidden />
              </a>
              <span className="faint">
                route {route} · {sql ? "with the SQL page" : "without the SQL page"}
              </span>
            </li>
          ))}
        </ul>
        {limits.map((limit) => (
          <Limit key={limit.what} limit={limit} />
        ))}
      </section>
      {uncovered.length > 0 && (
        <section className="galvanometer-part">
          <h3>Instances that no backend covers</h3>
          <ul className="galvanometer-pages">
            {uncovered.map((peer) => (
              <li key={peer.admin}>
                <span>
                  {peer.name} <span className="mono soft">{peer.admin}</span>
                </span>
                <Button size="small" onPress={() => addPeer(backend, peer)}>
                  <Plus aria-hidden /> Add as backend
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </SheetFrame>
  );
}

function Limit({ limit }: { readonly limit: BrowserLimit }) {
  const { what, why, where, fragment } = limit;
  return (
    <div className="galvanometer-limit">
      <h4>{what}</h4>
      <p>{why}</p>
      <p className="soft">{where}</p>
      <Copyable text={fragment} label={`Copy the fragment: ${what}`} />
    </div>
  );
}

function Copyable({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <div className="galvanometer-copy">
      <pre tabIndex={0}>{text}</pre>
      <CopyButton text={text} label={label} />
    </div>
  );
}
