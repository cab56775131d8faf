/** Script: the replication view. The browser itself polls each peer, cross-origin, as Galvanometer's does (amps-facts 5.1). */
export const replicationScript = String.raw`
import { element, status, table } from "./table.js";

const at = (id) => document.getElementById(id);
let busy = false;

/** A recorded address may be host:port or a whole URL. */
function peerAddress(recorded) {
  return recorded.includes("://") ? recorded : location.protocol + "//" + recorded;
}

async function ask(recorded) {
  try {
    const url = peerAddress(recorded).replace(/\/$/, "") + "/amps/instance.json";
    const response = await fetch(url, { signal: AbortSignal.timeout(4000) });
    if (!response.ok) throw new Error("answered " + response.status);
    return { recorded, instance: (await response.json()).amps.instance };
  } catch (error) {
    return { recorded, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Only rows of links that the instance feeds; it also lists those that feed it. */
function linksOf(instance) {
  return instance.replication.filter((row) => row.destination_name !== instance.name);
}

/** Walks from this instance to every other that the links name, each asked once. */
async function walk(instance) {
  const found = new Map([[instance.name, { recorded: "this instance", instance }]]);
  let next = linksOf(instance);
  while (next.length > 0) {
    const unknown = new Map(next.filter((row) => !found.has(row.destination_name)).map((row) => [row.destination_name, row]));
    const answers = await Promise.all([...unknown.values()].map(async (row) => [row.destination_name, await ask(row.destination_admin_addr)]));
    for (const [name, answer] of answers) found.set(name, answer);
    next = answers.flatMap(([, answer]) => (answer.instance ? linksOf(answer.instance) : []));
  }
  return found;
}

function instanceCard(name, { recorded, instance, problem }) {
  const shown = instance ? status("up", "answers") : status("down", "no answer: " + problem);
  return element("div", { className: "card" },
    element("div", { className: "value", textContent: name }),
    element("div", {}, shown),
    element("div", { className: "note", textContent: recorded }));
}

function linkState(row) {
  return row.is_connected === "1" ? status("up", "connected") : status("down", "disconnected");
}

function linkType(row) {
  return row.replication_type === "sync" ? status("up", "sync") : status("weak", "async");
}

export async function showReplication(instance) {
  if (busy) return;
  busy = true;
  try {
    const found = await walk(instance);
    at("instances").replaceChildren(...[...found].map(([name, answer]) => instanceCard(name, answer)));
    const links = [...found].flatMap(([name, answer]) =>
      answer.instance ? linksOf(answer.instance).map((row) => ({ ...row, from: name })) : []);
    table(at("links"), [
      { title: "From", of: (row) => row.from },
      { title: "To", of: (row) => row.destination_name },
      { title: "State", of: linkState },
      { title: "Type", of: linkType },
      { title: "Seconds behind", of: (row) => row.seconds_behind, number: true },
      { title: "Messages", of: (row) => row.messages_out, number: true },
      { title: "Admin address", of: (row) => row.destination_admin_addr },
    ], links, "This instance replicates to no other.");
  } finally {
    busy = false;
  }
}
`;
