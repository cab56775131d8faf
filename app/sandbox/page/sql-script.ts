/** Script: the query page. An ordinary AMPS WebSocket client of the page's host and the SQL transport's port (amps-facts 5.2). */
export const sqlScript = String.raw`
import { table } from "./table.js";

const at = (id) => document.getElementById(id);
const shownRows = 500;
const timeoutMs = 8000;
let address = null;
let open = null;

function sqlAddress(sandbox) {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const given = sandbox.sql_transport_inet_addr;
  const place = given || location.hostname + ":" + sandbox.sql_transport_port;
  return (place.includes("://") ? place : scheme + "//" + place).replace(/\/$/, "") + "/amps/json";
}

export function prepareQuery(instance) {
  address = sqlAddress(instance.sandbox);
  at("address").textContent = "Connects to " + address;
}

/** Messages of the server: a header, then its body where it has one; a sow header is followed by its records. */
class Answers {
  constructor(onAck, onRecord) {
    this.onAck = onAck;
    this.onRecord = onRecord;
    this.records = 0;
    this.record = null;
    this.skip = false;
  }

  take(text) {
    if (this.skip) { this.skip = false; return; }
    if (this.record !== null) {
      this.onRecord(text);
      this.record = null;
      this.records -= 1;
      return;
    }
    const header = JSON.parse(text);
    if (this.records > 0) this.record = header;
    else if (header.c === "sow") this.records = header.bs;
    else if (header.c === "ack") this.onAck(header);
    else if (header.c === "p" && header.l !== 0) this.skip = true;
  }
}

/** A command: how many messages follow (little-endian), then those. */
function send(socket, header) {
  const count = new DataView(new ArrayBuffer(4));
  count.setUint32(0, 1, true);
  socket.send(count.buffer);
  socket.send(JSON.stringify(header));
}

function query(topic, filter) {
  return new Promise((resolve, reject) => {
    const records = [];
    const socket = new WebSocket(address);
    open = socket;
    const timer = setTimeout(() => { socket.close(); reject(new Error("no answer in " + timeoutMs / 1000 + " s")); }, timeoutMs);
    const fail = (message) => { clearTimeout(timer); socket.close(); reject(new Error(message)); };
    const onAck = (ack) => {
      if (ack.status !== "success") return fail(ack.reason || "refused");
      if (ack.cid === "1") return send(socket, { c: "sow", cid: "2", query_id: "2", t: topic, filter, bs: 50, a: "completed" });
      clearTimeout(timer);
      resolve({ records, counts: ack });
      socket.close(1000, "Disconnect from the client");
    };
    const answers = new Answers(onAck, (text) => records.push(text));
    socket.onopen = () => {
      const name = "sandbox-sql-" + Math.random().toString(36).slice(2, 10);
      socket.send("text");
      send(socket, { c: "logon", cid: "1", a: "processed", version: "5.3.5.0:sandbox-page", client_name: name, user_id: "" });
    };
    socket.onmessage = (event) => answers.take(event.data);
    socket.onclose = (event) => fail("the connection was closed (" + event.code + ")");
  });
}

/** Records as a table: their fields are the columns, in the order in which they first appear. */
function showRecords(records) {
  const rows = records.slice(0, shownRows).map((text) => {
    try { const value = JSON.parse(text); return typeof value === "object" && value !== null ? value : { value }; }
    catch { return { value: text }; }
  });
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const text = (value) => (value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));
  const columns = names.map((name) => ({
    title: name,
    of: (row) => text(row[name]),
    number: rows.every((row) => typeof row[name] === "number"),
  }));
  table(at("rows"), columns, rows, "No records match.");
}

at("query").addEventListener("submit", async (event) => {
  event.preventDefault();
  open?.close();
  const answer = at("answer");
  answer.textContent = "Asking";
  delete answer.dataset.state;
  try {
    const { records, counts } = await query(at("topic").value.trim(), at("filter").value.trim());
    const more = records.length > shownRows ? ", the first " + shownRows + " shown" : "";
    answer.textContent = records.length + " of " + counts.topic_matches + " records" + more;
    showRecords(records);
  } catch (error) {
    answer.dataset.state = "down";
    answer.textContent = "Failed: " + error.message;
    at("rows").replaceChildren();
  }
});
`;
