/** Loaded before the app: notes every title that a window has had, and every address that a page went to, in a file. */
const { appendFileSync } = require("node:fs");
const path = require("node:path");
const { app, BrowserWindow } = require("electron");

const file = process.env.SHUNT_TEST_TITLES ?? path.join(__dirname, "nowhere");

/** A Galvanometer's window is one that has a page besides its own. */
const note = (window, text) => {
  if (window.isDestroyed()) return;
  const pages = 1 + window.getBrowserViews().length;
  appendFileSync(file, `${JSON.stringify({ window: window.id, pages, text })}\n`);
};

app.on("browser-window-created", (_event, window) => {
  setImmediate(() => window.isDestroyed() || note(window, window.getTitle()));
  window.on("page-title-updated", (_updated, title) => note(window, title));
  const setTitle = window.setTitle;
  window.setTitle = function (title) {
    note(this, title);
    setTitle.call(this, title);
  };
});

app.on("web-contents-created", (_event, contents) => {
  const noteAddress = (_navigated, url) => {
    const window = BrowserWindow.getAllWindows().find(
      (one) =>
        one.webContents === contents || one.getBrowserViews().some((view) => view.webContents === contents),
    );
    if (window) note(window, url);
  };
  contents.on("did-navigate", noteAddress);
  contents.on("did-navigate-in-page", noteAddress);
});
