// SPDX-License-Identifier: MPL-2.0

// Steers a headless Chromium for a test: each line of standard input is a request, a JSON object whose `do` names it,
// and each gets a line of JSON back. `complaint` is why it was not done.

const { chromium } = require("playwright-core");
const { createInterface } = require("node:readline");

// Keys that take Shift on the keyboard that guests believe to have: Playwright types a character without it.
const shifted = { "|": "Backslash", ">": "Period", "\"": "Quote" };
const keyPause = 40; // ms: an emulated keyboard holds 16 bytes
const patience = 60000; // ms

const requests = {
  // open opens a page and tells the state of its console once it is "connected" or "disconnected".
  async open(tab, { url }) {
    await tab.page.goto(url, { timeout: patience });
    const state = tab.page.locator('#state:is([data-state="connected"], [data-state="disconnected"])');
    await state.waitFor({ timeout: patience });
    return { state: await state.getAttribute("data-state"), text: await state.innerText(), title: await tab.page.title(), url: tab.page.url() };
  },
  async type(tab, { text }) {
    for (const c of text) {
      await tab.page.keyboard.press(c === "\n" ? "Enter" : c === " " ? "Space" : shifted[c] ? "Shift+" + shifted[c] : c);
      await tab.page.waitForTimeout(keyPause);
    }
    return {};
  },
  async click(tab, { on }) {
    await tab.page.click(on, { timeout: patience });
    return {};
  },
  // read tells what an element says.
  async read(tab, { of }) {
    return { text: await tab.page.locator(of).innerText({ timeout: patience }) };
  },
  // shoot writes a picture of the page, or of an element.
  async shoot(tab, { file, of }) {
    await (of ? tab.page.locator(of) : tab.page).screenshot({ path: file, timeout: patience });
    return {};
  },
  // errors are those that the pages have logged since it was asked last.
  async errors(tab) {
    return { errors: tab.errors.splice(0) };
  },
};

async function main() {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, headless: true });
  try {
    const tab = { page: await browser.newPage({ viewport: { width: 1000, height: 620 } }), errors: [] };
    tab.page.on("pageerror", (error) => tab.errors.push(String(error)));
    tab.page.on("console", (message) => message.type() === "error" && tab.errors.push(message.text()));
    for await (const line of createInterface({ input: process.stdin })) {
      let answer;
      try {
        const request = JSON.parse(line);
        answer = await requests[request.do](tab, request);
      } catch (error) {
        answer = { complaint: String(error) };
      }
      process.stdout.write(JSON.stringify(answer) + "\n");
    }
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  process.stderr.write(String(error.stack) + "\n");
  process.exitCode = 1;
});
