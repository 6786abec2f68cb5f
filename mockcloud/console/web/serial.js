// SPDX-License-Identifier: MPL-2.0

import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";

import { address, gone, missing, say } from "./session.js";

function open(url) {
  // A serial port cannot tell the guest its size: 24 lines of 80 are what every guest takes it for.
  const terminal = new Terminal({ cols: 80, rows: 24, scrollback: 10000, cursorBlink: true });
  terminal.open(document.getElementById("screen"));

  const socket = new WebSocket(url, ["binary"]);
  let connected = false;
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", () => {
    connected = true;
    // A prompt that was printed before we came is not seen.
    say("connected", "Connected. Press Enter if nothing is shown.");
    terminal.focus();
  });
  socket.addEventListener("message", (event) => terminal.write(new Uint8Array(event.data)));
  socket.addEventListener("close", () => {
    terminal.options.disableStdin = true;
    gone(connected);
  });

  const send = (bytes) => {
    if (socket.readyState === WebSocket.OPEN) {
      socket.send(bytes);
    }
  };
  const encoder = new TextEncoder();
  terminal.onData((text) => send(encoder.encode(text)));
  terminal.onBinary((text) => send(Uint8Array.from(text, (c) => c.charCodeAt(0)))); // mouse reports
}

const url = address();
if (url === null) {
  missing();
} else {
  open(url);
}
