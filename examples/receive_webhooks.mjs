// Receives webhooks with nothing but Node.js 18 or newer: verifies them, stores each once, answers.
//
//     WEBHOOK_SECRETS=whsec_...,whsec_... node receive_webhooks.mjs PORT FILE
//
// Each webhook becomes a line of FILE. That file stands in for your queue or your database.

import { createHmac, timingSafeEqual } from "node:crypto";
import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:http";

const TOLERANCE = 300; // seconds; what the Standard Webhooks libraries use
const MOST = 256 * 1024; // bytes; inspectiq sends no larger body

const [port, file] = [Number(process.argv[2]), process.argv[3]];
const keys = (process.env.WEBHOOK_SECRETS ?? "").split(",").map((secret) => {
  if (!secret.startsWith("whsec_")) throw new Error("WEBHOOK_SECRETS needs whsec_..., with commas");
  return Buffer.from(secret.slice("whsec_".length), "base64");
});

// What was taken before this process began. A line without its end was never answered.
const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
const taken = new Set(lines.map((line) => JSON.parse(line).id));

/** Why a request cannot be trusted; "" if it can. */
function fault(headers, body) {
  const id = headers["webhook-id"];
  const time = headers["webhook-timestamp"];
  const given = headers["webhook-signature"];
  if (!id || !/^[0-9]{1,12}$/.test(time ?? "") || !given) return "header";
  const expected = keys.map((key) =>
    createHmac("sha256", key).update(`${id}.${time}.`).update(body).digest(),
  );
  const signatures = given
    .split(" ")
    .slice(0, 32)
    .filter((one) => one.startsWith("v1,"))
    .map((one) => Buffer.from(one.slice(3), "base64"));
  const fits = signatures.some((signature) =>
    expected.some((one) => one.length === signature.length && timingSafeEqual(one, signature)),
  );
  if (!fits) return "signature";
  return Math.abs(Date.now() / 1000 - Number(time)) > TOLERANCE ? "timestamp" : "";
}

/** Stores an event for good; only then is it answered. */
function store(id, body) {
  const handle = openSync(file, "a", 0o600);
  try {
    appendFileSync(handle, JSON.stringify({ id, ...JSON.parse(body) }) + "\n");
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  taken.add(id);
}

/** The status to answer with. */
function receive(headers, body) {
  const why = fault(headers, body);
  if (why) {
    console.error(`refused: ${why}`);
    return 400;
  }
  const id = headers["webhook-id"];
  if (taken.has(id)) return 200; // it came before, and is stored
  try {
    store(id, body);
  } catch (error) {
    console.error(`not stored: ${error.code ?? error.name}`);
    return 500; // it comes again
  }
  return 204;
}

const server = createServer((request, response) => {
  const parts = [];
  let size = 0;
  request.on("data", (part) => {
    size += part.length;
    if (size <= MOST) parts.push(part);
  });
  request.on("end", () => {
    const posted = request.method === "POST";
    const status = !posted ? 405 : size > MOST ? 413 : receive(request.headers, Buffer.concat(parts));
    response.writeHead(status).end();
  });
});

server.listen(port, "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
