/** The page of a prompt window: what is asked, a form, and nothing that runs. */

export const promptPage = "shunt://prompt/";

/** Text that is safe to put into a page. */
export interface Html {
  readonly html: string;
}

export interface PromptPage {
  /** Of the window and of the page. */
  readonly title: string;
  /** What goes between the title and the buttons. */
  readonly body: readonly Html[];
  /** The first is what Enter presses. `cancel` as a value is no answer. */
  readonly buttons: readonly { readonly value: string; readonly label: string; readonly primary?: boolean }[];
  /** What is typed is not to be seen. */
  readonly hidesInput: boolean;
}

/** Escapes what is put in; what is `Html` already stays as it is. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Html)[]): Html {
  const written = values.map((one) => (typeof one === "string" ? escapeHtml(one) : one.html));
  return { html: parts.map((part, at) => part + (written[at] ?? "")).join("") };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

export const nothing: Html = { html: "" };

// The colours are those of the UI's own tokens. Buttons are laid out from the right: the first is the rightmost.
const style = `
:root{color-scheme:light dark;--page:#eff1ef;--field:#fff;--ink:#191d1b;--soft:#4f5652;--line:#bcc2bd;--control:#8d948f;--accent:#0d5a66;--on:#fff;--bad:#b0261d;--warn:#8a5600;--focus:#0b6c7d}
@media(prefers-color-scheme:dark){:root{--page:#151918;--field:#0f1211;--ink:#e3e8e5;--soft:#a3ada8;--line:#2f3634;--control:#6d7773;--accent:#79cad6;--on:#062a30;--bad:#ff9086;--warn:#efb54b;--focus:#8fdbe7}}
*{box-sizing:border-box}
body{font:13px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;margin:0;padding:18px 22px 20px;background:var(--page);color:var(--ink)}
h1{font-size:16px;line-height:1.35;margin:0 0 8px;overflow-wrap:anywhere}
p{margin:0 0 10px;overflow-wrap:anywhere}.soft{color:var(--soft)}.bad{color:var(--bad);font-weight:600}.warn{color:var(--warn)}
code,.mono{font-family:ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:12px;overflow-wrap:anywhere}
blockquote{margin:0 0 10px;padding:4px 10px;border-left:3px solid var(--control);overflow-wrap:anywhere}
dl{margin:0 0 10px;padding:8px 10px;background:var(--field);border:1px solid var(--line);border-radius:4px}
dt{color:var(--soft);font-size:12px}dd{margin:0 0 6px}dd:last-child{margin:0}
label{display:block;margin:0 0 10px}label.check{display:flex;gap:8px;align-items:baseline}
input:not([type=checkbox]){display:block;width:100%;margin-top:2px;padding:6px 8px;font:inherit;color:inherit;background:var(--field);border:1px solid var(--control);border-radius:4px}
input[type=checkbox]{accent-color:var(--accent)}
.buttons{display:flex;flex-direction:row-reverse;flex-wrap:wrap;gap:8px;margin-top:14px}
button{font:inherit;padding:6px 14px;color:var(--ink);background:var(--field);border:1px solid var(--control);border-radius:4px}
button.primary{color:var(--on);background:var(--accent);border-color:var(--accent);font-weight:600}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}`;

export function promptDocument({ title, body, buttons }: PromptPage): string {
  const row = buttons.map(
    ({ value, label, primary }) =>
      html`<button
        name="answer"
        value="${value}"
        ${{ html: value === "cancel" ? " formnovalidate" : "" }}
        class="${primary ? "primary" : ""}"
      >
        ${label}
      </button>`.html,
  );
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" /><title>${title}</title
      ><style>
        ${{ html: style }}
      </style>
      <main>
        <h1>${title}</h1>
        <form method="post" action="${promptPage}">
          ${{ html: body.map((part) => part.html).join("\n") }}
          <div class="buttons">${{ html: row.join("") }}</div>
        </form>
      </main>
    </html>`.html;
}
