// Opens pages in Chromium and prints as JSON what a reader must never meet:
//     node check_pages.mjs CHROMIUM PAGE.html...
// For each page: console messages, requests, script and event handlers in the document, whether it
// scrolls sideways on a phone, and what axe finds in light, in dark and on a phone, with every
// <details> open (closed ones are not looked at).
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.cwd()}/`);
const { chromium } = require("playwright-core");
const axe = require.resolve("axe-core/axe.min.js");
const [executablePath, ...pages] = process.argv.slice(2);

const QUIET = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const VIEWS = {
  light: { colorScheme: "light", viewport: { width: 1000, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1000, height: 900 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 844 } },
};

const browser = await chromium.launch({ executablePath, args: QUIET });
const found = {};
for (const path of pages) {
  const told = (found[path] = { console: [], requests: [], active: [], sideways: 0, axe: {} });
  for (const [view, options] of Object.entries(VIEWS)) {
    // The page's own policy would keep axe out; what it allows is judged without that below.
    const context = await browser.newContext({ ...options, bypassCSP: true });
    const page = await context.newPage();
    page.on("console", (message) => told.console.push(message.text()));
    page.on("pageerror", (error) => told.console.push(String(error)));
    page.on("request", (request) => {
      if (!/^(data|file):/.test(request.url())) told.requests.push(request.url());
    });
    await page.goto(pathToFileURL(path).href);
    await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
    told.active.push(...(await page.evaluate(listActive)));
    if (view === "phone") {
      told.sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    }
    await page.addScriptTag({ path: axe });
    const { violations } = await page.evaluate(() => window.axe.run());
    told.axe[view] = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target).slice(0, 3)}`);
    await context.close();
  }
  const strict = await browser.newPage();
  strict.on("console", (message) => told.console.push(message.text()));
  strict.on("request", (request) => {
    if (!/^(data|file):/.test(request.url())) told.requests.push(request.url());
  });
  await strict.goto(pathToFileURL(path).href);
  told.styled = await strict.evaluate(() => getComputedStyle(document.body).maxWidth !== "none");
  await strict.close();
}
await browser.close();
console.log(JSON.stringify(found));

function listActive() {
  const never = "script, iframe, object, embed, form, input, button, link, base, svg, math, video, audio, [style]";
  const active = [...document.querySelectorAll(never)].map((one) => one.outerHTML.slice(0, 80));
  for (const one of document.querySelectorAll("*")) {
    for (const { name, value } of one.attributes) {
      if (name.startsWith("on") || /^(javascript|vbscript):/i.test(value.trim())) active.push(`${name}=${value}`);
      if (name === "src" && !value.startsWith("data:image/")) active.push(`${name}=${value}`);
      if (name === "href" && !value.startsWith("#")) active.push(`${name}=${value}`);
    }
  }
  return active;
}
