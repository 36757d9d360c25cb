// traffic.js DOCUMENT FOLDER: holds the traffic that the integration tests recorded to the OpenAPI
// document, with a JSON Schema validator that shares no code with this project. Every answer must
// be one that the document describes: path, method, status, headers, content type, body. What was
// accepted must be described too: the query and the body. Ends with 1 when anything is not.
"use strict";
const fs = require("fs");
const path = require("path");
const Ajv = require("ajv/dist/2020");
const addFormats = require("ajv-formats");

const [documentPath, folder] = process.argv.slice(2);
const contract = JSON.parse(fs.readFileSync(documentPath, "utf8"));
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema(contract, "contract");

// Headers of HTTP itself and of CORS, which a document need not name.
const COMMON = new Set(["content-type", "content-length", "content-encoding", "transfer-encoding",
  "connection", "date", "cache-control", "vary", "x-content-type-options"]);
const isCommon = (name) => COMMON.has(name) || name.startsWith("access-control-");

// A part of the document, with the JSON Pointer that leads to it.
function part(pointer) {
  let node = contract;
  for (const step of pointer.split("/").slice(1))
    node = node[step.replaceAll("~1", "/").replaceAll("~0", "~")];
  return node.$ref ? part(node.$ref.slice(1)) : { node, pointer };
}

function below(pointer, ...steps) {
  return part([pointer, ...steps.map((step) => step.replaceAll("~", "~0").replaceAll("/", "~1"))]
    .join("/"));
}

function faultsOf(value, pointer) {
  const validate = ajv.getSchema("contract#" + pointer.replaceAll("{", "%7B").replaceAll("}", "%7D"));
  return validate(value) ? [] : validate.errors.map((error) =>
    `${error.instancePath || "/"} ${error.message} ${JSON.stringify(error.params)}`);
}

const templates = Object.keys(contract.paths).map((template) => ({
  template,
  shape: new RegExp("^" + template.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+") + "$"),
}));

function find(request) {
  const [asked] = request.target.split("?");
  const found = templates.find(({ shape }) => shape.test(asked));
  if (!found)
    return null;
  const row = contract.paths[found.template];
  const method = (request.method === "HEAD" ? "GET" : request.method).toLowerCase();
  return { ...found, row, method, operation: row[method] };
}

const mediaType = (text) => (text ?? "").split(";")[0].trim().toLowerCase();

function headersOf(exchange) {
  return new Map(exchange.headers.map(([name, value]) => [name.toLowerCase(), value]));
}

// A header's text as the type that its schema names.
const typed = (text, schema) => (schema.type === "integer" && /^-?\d+$/.test(text) ? +text : text);

function headerFaults(headers, pointer) {
  const faults = [];
  const described = Object.keys(part(pointer).node.headers ?? {});
  for (const name of headers.keys()) {
    if (!isCommon(name) && !described.some((one) => one.toLowerCase() === name))
      faults.push(`the header ${name} is not described`);
  }
  for (const name of described) {
    const header = below(pointer, "headers", name), text = headers.get(name.toLowerCase());
    if (text !== undefined)
      faults.push(...faultsOf(typed(text, header.node.schema), header.pointer + "/schema")
        .map((fault) => `header ${name}: ${fault}`));
    else if (header.node.required)
      faults.push(`the header ${name} is missing`);
  }
  return faults;
}

function bodyFaults(exchange, headers, pointer) {
  const kind = mediaType(headers.get("content-type"));
  const content = part(pointer).node.content ?? {};
  if (exchange.body.length === 0)
    return exchange.method === "HEAD" || Object.keys(content).length === 0 ||
      kind === "text/event-stream" ? [] : ["there is no body"];
  if (!content[kind])
    return [`the content type ${kind} is not described`];
  const media = below(pointer, "content", kind);
  const value = kind.endsWith("json") ? JSON.parse(exchange.body) : exchange.body.toString();
  return faultsOf(value, media.pointer + "/schema");
}

// Paths and methods that the document lacks have answers of their own, which info.description names.
function unlistedFaults(exchange, headers, found) {
  const faults = [], allowed = headers.get("allow");
  const expected = !found ? [404] : exchange.method === "OPTIONS" ? [204] : [405];
  if (![...expected, 400, 401, 403, 429].includes(exchange.status))
    return [`status ${exchange.status} for what the document does not have`];
  if (found && expected.includes(exchange.status)) {
    const methods = Object.keys(found.row).filter((name) => name !== "parameters")
      .map((name) => name.toUpperCase());
    const wanted = [...methods, "OPTIONS", ...(methods.includes("GET") ? ["HEAD"] : [])];
    if ((allowed ?? "").split(", ").sort().join() !== wanted.sort().join())
      faults.push(`Allow is ${allowed}`);
  }
  if (exchange.status >= 400 && exchange.method !== "HEAD") {
    faults.push(...(headers.get("content-type") === "application/problem+json"
      ? faultsOf(JSON.parse(exchange.body), "/components/schemas/Problem") : ["it is no problem"]));
  }
  return faults;
}

// What was accepted although the document does not allow it.
function requestFaults(exchange, found, pointer) {
  if (exchange.status >= 300)
    return [];
  const parameters = [...(found.row.parameters ?? []), ...(found.operation.parameters ?? [])]
    .map((one) => (one.$ref ? part(one.$ref.slice(1)).node : one));
  const query = new URLSearchParams(exchange.target.split("?")[1] ?? "");
  const faults = [...query.keys()]
    .filter((name) => !parameters.some((one) => one.in === "query" && one.name === name))
    .map((name) => `the parameter ${name} is not described`);
  const kind = mediaType(exchange.type);
  if (exchange.sent.length === 0 || !found.operation.requestBody)
    return faults;
  if (!found.operation.requestBody.content[kind])
    return [...faults, `the content type ${kind} of the request is not described`];
  if (kind.endsWith("json"))
    faults.push(...faultsOf(JSON.parse(exchange.sent),
      below(pointer, "requestBody", "content", kind).pointer + "/schema")
      .map((fault) => `request: ${fault}`));
  return faults;
}

function faultsOfExchange(exchange, seen) {
  const headers = headersOf(exchange), found = find(exchange);
  if (!found?.operation)
    return unlistedFaults(exchange, headers, found);
  const operation = below("/paths", found.template, found.method);
  if (!operation.node.responses[exchange.status])
    return ["this status is not described"];
  seen.add(`${operation.node.operationId} ${exchange.status}`);
  const response = below(operation.pointer, "responses", String(exchange.status));
  return [...headerFaults(headers, response.pointer),
    ...bodyFaults(exchange, headers, response.pointer),
    ...requestFaults(exchange, found, operation.pointer)];
}

function* recorded() {
  for (const name of fs.readdirSync(folder).filter((file) => file.endsWith(".jsonl"))) {
    for (const line of fs.readFileSync(path.join(folder, name), "utf8").split("\n").filter(Boolean)) {
      const exchange = JSON.parse(line);
      exchange.sent = Buffer.from(exchange.sent, "base64");
      exchange.body = Buffer.from(exchange.body, "base64");
      yield [name, exchange];
    }
  }
}

// Operations that no recorded request has carried out: then this check has not seen enough.
function neverSeen(seen) {
  const missing = [];
  for (const row of Object.values(contract.paths)) {
    for (const { operationId, responses } of Object.values(row).filter((one) => one.operationId)) {
      if (!Object.keys(responses).some((status) => status < 300 && seen.has(`${operationId} ${status}`)))
        missing.push(operationId);
    }
  }
  return missing;
}

let count = 0, wrong = 0;
const seen = new Set();
for (const [name, exchange] of recorded()) {
  const faults = faultsOfExchange(exchange, seen);
  count++;
  if (faults.length > 0 && ++wrong <= 20)
    console.log(`${name}: ${exchange.method} ${exchange.target} ${exchange.status}\n  ` +
      faults.slice(0, 5).join("\n  "));
}
const missing = neverSeen(seen);
if (missing.length > 0)
  console.log(`never carried out in the recorded traffic: ${missing.join(", ")}`);
console.log(`${count} exchanges, ${wrong} not as described; ${seen.size} kinds of answers seen`);
process.exit(count > 0 && wrong === 0 && missing.length === 0 ? 0 : 1);
