// SPDX-License-Identifier: MPL-2.0

import { SpiceMainConn, sendCtrlAltDel } from "./spice-html5/main.js";
import { SpiceConn } from "./spice-html5/spiceconn.js";

import { address, gone, missing, say } from "./session.js";

const channelNotAvailable = 9; // SPICE_LINK_ERR_CHANNEL_NOT_AVAILABLE

const frame = document.getElementById("screen");
const scale = document.getElementById("scale");
const surface = () => frame.querySelector("canvas");

// fit scales by a transform: of all ways to scale, it is the one that leaves the mouse its place on the guest's screen.
function fit() {
  const canvas = surface();
  frame.classList.toggle("fitted", scale.checked);
  canvas?.style.setProperty("--scale", Math.min(frame.clientWidth / canvas.width, frame.clientHeight / canvas.height));
}

// over says why a channel is not, or no longer, there.
function over(channel, connected) {
  const refused = channel.reply_link?.error;
  if (refused === channelNotAvailable) {
    say("disconnected", "This server's SPICE has no screen to show, as that of a simulated server. " +
      "VNC has: openstack console url show --novnc SERVER.");
  } else if (refused) {
    say("disconnected", `This server's SPICE refuses us, with error ${refused}. Ask for a new console: a token opens it once.`);
  } else if (connected) {
    say("disconnected", "Closed: the server went off, or another viewer came, and SPICE has one at a time. Ask for a new console.");
  } else {
    gone(false);
  }
}

function open(url) {
  let connected = false;
  let connection = null;
  // The client opens a connection for each channel, hands its own channels no handler, and goes on without those
  // that end. A screen without a keyboard is no console: with any of its channels it ends.
  SpiceConn.prototype.onerror = function () {
    if (connection !== null) {
      const ended = connection;
      connection = null;
      clearInterval(waiting);
      ended.stop();
      over(this, connected);
    }
  };
  connection = new SpiceMainConn({ uri: url, screen_id: frame.id, password: "" });
  window.sc = connection; // where sendCtrlAltDel looks for it
  const waiting = setInterval(() => {
    if (connection.inputs?.state === "ready" && surface() !== null) {
      clearInterval(waiting);
      connected = true;
      // Until the first key the client does not know that Ctrl and Alt are up, and would leave them pressed.
      surface().dispatchEvent(new KeyboardEvent("keyup", { key: "Shift", keyCode: 16 }));
      say("connected", "Connected");
      surface().focus();
    }
  }, 50);

  document.getElementById("ctrl-alt-del").addEventListener("click", () => {
    if (connection !== null) {
      sendCtrlAltDel();
      surface()?.focus();
    }
  });
  scale.addEventListener("change", () => {
    fit();
    surface()?.focus();
  });
  new MutationObserver(fit).observe(frame, { childList: true }); // a change of the screen's size is another canvas
  new ResizeObserver(fit).observe(frame);
  window.alert = () => {}; // which is how the client would say that it does not know a key
}

const url = address();
if (url === null) {
  missing();
} else {
  open(url);
}
