// SPDX-License-Identifier: MPL-2.0

// What the pages have in common: the address of the console, and a line that says how it is.

// address is the WebSocket that the page's URL leads to, as noVNC's own pages take it: `path` is a path below the
// host, or a query of this page's directory; without it `token` is such a query's. The token is taken out of the
// address bar: it opens a console once, and need not stay in the history.
export function address() {
  const query = new URLSearchParams(location.search);
  const token = query.get("token");
  let path = query.get("path") ?? (token === null ? null : "?" + new URLSearchParams({ token }));
  if (path === null) {
    return null;
  }
  history.replaceState(null, "", location.pathname);
  if (!path.startsWith("?")) {
    path = "/" + path.replace(/^\/+/, ""); // of this host, whatever it says
  }
  const url = new URL(path, new URL("./", location.href));
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

// say shows the state of the console: "connecting", "connected" or "disconnected", and words for it.
export function say(state, words) {
  const line = document.getElementById("state");
  line.dataset.state = state;
  line.textContent = words;
}

// gone is what to say of a console that has ended.
export function gone(connected) {
  say("disconnected", connected
    ? "The console was closed. Ask for a new one: a token opens it once."
    : "The console cannot be opened. Its token may have been used, or have expired: ask for a new one.");
}

// missing is what to say to who comes without a token.
export function missing() {
  say("disconnected", "There is no token in this page's address. Ask for a console: openstack console url show SERVER.");
}
