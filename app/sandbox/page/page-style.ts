/** The page's look: two tiers of colours, light and dark. */
export const pageStyle = `:root {
  --paper: #f6f7f9; --sheet: #ffffff; --line: #d9dee5; --ink: #17202b; --soft: #566270;
  --accent: #0b63a5; --good: #17733a; --warn: #925800; --bad: #b3261e; --mark: #8a4b00; --mark-paper: #ffe9c7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12161c; --sheet: #1a2028; --line: #303946; --ink: #e6ebf1; --soft: #9ba8b6;
    --accent: #7cc0f5; --good: #6fd08c; --warn: #f0b95b; --bad: #ff8f86; --mark: #ffd28a; --mark-paper: #4a3208;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column;
  background: var(--paper); color: var(--ink);
  font: 14px/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif;
}
header { display: flex; align-items: center; gap: 16px; padding: 14px 24px; background: var(--sheet); }
header p { margin: 0; }
.mark {
  padding: 4px 10px; border-radius: 4px; background: var(--mark-paper); color: var(--mark);
  font-weight: 700; letter-spacing: .08em;
}
.who { flex: 1; min-width: 0; }
h1 { margin: 0; font-size: 18px; line-height: 1.3; }
h2 { margin: 28px 0 8px; font-size: 13px; font-weight: 600; color: var(--soft); }
#where, .hint, footer { color: var(--soft); }
.hint { margin: 0 0 16px; }
#state::before, .dot::before {
  content: ""; display: inline-block; width: 8px; height: 8px; margin-right: 7px;
  border-radius: 50%; background: var(--soft);
}
[data-state="up"] { color: var(--good); } [data-state="up"]::before { background: var(--good) !important; }
[data-state="down"] { color: var(--bad); }
[data-state="down"]::before { background: var(--bad) !important; border-radius: 0 !important; }
[data-state="weak"] { color: var(--warn); }
[data-state="weak"]::before { background: var(--warn) !important; transform: rotate(45deg); border-radius: 0 !important; }
nav { display: flex; gap: 4px; padding: 0 12px; background: var(--sheet); border-bottom: 1px solid var(--line); }
nav a {
  padding: 8px 12px; color: var(--soft); text-decoration: none;
  border-bottom: 3px solid transparent;
}
nav a:hover { color: var(--ink); }
nav a[aria-current] { color: var(--ink); border-bottom-color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
main { flex: 1; width: 100%; max-width: 1180px; padding: 24px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 12px; }
.card { padding: 12px 14px; background: var(--sheet); border: 1px solid var(--line); border-radius: 6px; min-width: 0; }
.card .label { color: var(--soft); font-size: 12px; }
.card .value { font-size: 20px; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.card .note { color: var(--soft); font-size: 12px; overflow-wrap: anywhere; }
#instances { grid-template-columns: repeat(auto-fill, minmax(260px, 1fr)); }
.scroll { overflow-x: auto; background: var(--sheet); border: 1px solid var(--line); border-radius: 6px; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 8px 14px; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 500; font-size: 12px; }
tbody tr:last-child td { border-bottom: 0; }
td.number, th.number { text-align: right; }
.empty { margin: 0; padding: 14px; color: var(--soft); background: var(--sheet); border: 1px dashed var(--line); border-radius: 6px; }
form { display: flex; flex-wrap: wrap; align-items: center; gap: 10px; margin-bottom: 12px; }
input, button { font: inherit; padding: 7px 10px; border-radius: 5px; border: 1px solid var(--line); }
input { background: var(--sheet); color: var(--ink); min-width: 0; }
#filter { flex: 1; min-width: 180px; font-family: ui-monospace, Consolas, monospace; font-size: 13px; }
button { background: var(--accent); border-color: var(--accent); color: var(--sheet); font-weight: 600; padding: 7px 18px; cursor: pointer; }
#answer { margin: 0 0 12px; min-height: 1.5em; }
footer { padding: 14px 24px; border-top: 1px solid var(--line); font-size: 12px; }
`;
