/** The page that stands in for Galvanometer. It is our own and shows no more than it takes to try Shunt. */
export const pageHtml = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>SANDBOX</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
<script type="module" src="page.js"></script>
</head>
<body>
<header>
  <p class="mark">SANDBOX</p>
  <div class="who">
    <h1 id="name">…</h1>
    <p id="where">Simulated by Shunt. No real data.</p>
  </div>
  <p id="state" role="status" data-state="waiting">connecting</p>
</header>
<nav aria-label="Screens">
  <a href="#overview">Overview</a>
  <a href="#clients">Clients</a>
  <a href="#replication">Replication</a>
  <a href="#sql">SQL</a>
</nav>
<main>
  <section id="overview" aria-label="Overview">
    <div class="cards" id="cards"></div>
    <h2>Transports</h2>
    <div id="transports"></div>
    <h2>Queues</h2>
    <div id="queues"></div>
  </section>
  <section id="clients" aria-label="Clients" hidden>
    <div id="client-rows"></div>
  </section>
  <section id="replication" aria-label="Replication" hidden>
    <p class="hint">This page asks every instance itself, at the address that its peers recorded for it.</p>
    <div id="instances" class="cards"></div>
    <h2>Links</h2>
    <div id="links"></div>
  </section>
  <section id="sql" aria-label="SQL" hidden>
    <form id="query">
      <label for="topic">Topic</label><input id="topic" value="orders" autocomplete="off" spellcheck="false" required>
      <label for="filter">Filter</label><input id="filter" placeholder="/symbol = 'IBM'" autocomplete="off" spellcheck="false">
      <button>Query</button>
    </form>
    <p class="hint" id="address"></p>
    <p id="answer" role="status"></p>
    <div id="rows"></div>
  </section>
</main>
<footer>SANDBOX. Not Galvanometer, and not AMPS: a simulation that comes with Shunt.</footer>
</body>
</html>
`;
