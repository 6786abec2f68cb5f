// SPDX-License-Identifier: MPL-2.0

import RFB from "@novnc/novnc";

import { address, gone, missing, say } from "./session.js";

function open(url) {
  const screen = new RFB(document.getElementById("screen"), url, { wsProtocols: ["binary"], shared: true });
  let connected = false;
  screen.background = "black";
  screen.scaleViewport = true;
  screen.addEventListener("connect", () => {
    connected = true;
    say("connected", "Connected");
    screen.focus();
  });
  screen.addEventListener("desktopname", (event) => {
    document.title = event.detail.name;
    say("connected", event.detail.name);
  });
  screen.addEventListener("disconnect", () => gone(connected));

  const keys = document.getElementById("ctrl-alt-del");
  keys.addEventListener("click", () => {
    screen.sendCtrlAltDel();
    screen.focus();
  });
  const scale = document.getElementById("scale");
  scale.addEventListener("change", () => {
    screen.scaleViewport = scale.checked;
    screen.focus();
  });
}

const url = address();
if (url === null) {
  missing();
} else {
  open(url);
}
