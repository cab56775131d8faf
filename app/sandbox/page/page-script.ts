/** Script: which screen is shown, and the instance's own statistics. Addresses are relative: the page may be below a prefix. */
export const pageScript = String.raw`
import { showReplication } from "./replication.js";
import { prepareQuery } from "./sql.js";
import { bytes, card, status, table } from "./table.js";

const screens = ["overview", "clients", "replication", "sql"];
const at = (id) => document.getElementById(id);
let instance = null;

function currentScreen() {
  const wanted = location.hash.slice(1);
  return screens.includes(wanted) ? wanted : "overview";
}

function showScreen() {
  for (const screen of screens) at(screen).hidden = screen !== currentScreen();
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash.slice(1) === currentScreen()) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (instance !== null) show();
}

function show() {
  at("name").textContent = instance.name;
  document.title = "SANDBOX " + instance.name;
  showOverview();
  showClients();
  if (currentScreen() === "replication") void showReplication(instance);
  prepareQuery(instance);
}

function showOverview() {
  const sum = (field) => instance.clients.reduce((total, row) => total + Number(row[field]), 0);
  at("cards").replaceChildren(
    card("Processor", Number(instance.cpu.total_percent).toFixed(1) + " %", ""),
    card("Memory in use", bytes(instance.memory.rss), ""),
    card("Clients", String(instance.clients.length), ""),
    card("In, per second", bytes(sum("bytes_in_per_sec").toFixed(0)), sum("messages_in_per_sec").toFixed(1) + " messages"),
    card("Out, per second", bytes(sum("bytes_out_per_sec").toFixed(0)), sum("messages_out_per_sec").toFixed(1) + " messages"),
    card("Uptime", instance.uptime.replace(/\.\d+$/, ""), "version " + instance.version),
  );
  const enabled = (row) => (row.is_enabled === "1" ? status("up", "enabled") : status("down", "disabled"));
  table(at("transports"), [
    { title: "Name", of: (row) => row.name },
    { title: "Type", of: (row) => row.type },
    { title: "Options", of: (row) => row.options },
    { title: "State", of: enabled },
  ], instance.transports, "No transports.");
  table(at("queues"), [
    { title: "Topic", of: (row) => row.topic },
    { title: "Depth", of: (row) => row.queue_depth, number: true },
    { title: "Owned here", of: (row) => row.owned, number: true },
    { title: "Leased", of: (row) => row.backlog, number: true },
  ], instance.queues, "No queues yet. Topics that begin with q- or end with -queue are queues.");
}

function showClients() {
  table(at("client-rows"), [
    { title: "Client", of: (row) => row.client_name },
    { title: "User", of: (row) => row.authenticated_id || "none" },
    { title: "From", of: (row) => row.remote_address },
    { title: "Connection", of: (row) => row.connection_name },
    { title: "Subscriptions", of: (row) => row.subscription_count, number: true },
    { title: "Bytes in", of: (row) => bytes(row.bytes_in), number: true },
    { title: "Bytes out", of: (row) => bytes(row.bytes_out), number: true },
  ], instance.clients, "No clients are connected.");
}

async function refresh() {
  try {
    const response = await fetch("amps/instance.json", { signal: AbortSignal.timeout(4000) });
    if (!response.ok) throw new Error(String(response.status));
    instance = (await response.json()).amps.instance;
    at("state").dataset.state = "up";
    at("state").textContent = "running";
    show();
  } catch {
    at("state").dataset.state = "down";
    at("state").textContent = "no answer";
  }
  setTimeout(refresh, Number(instance?.statistics.interval ?? 1000));
}

addEventListener("hashchange", showScreen);
showScreen();
void refresh();
`;
