// The official TypeScript clients against the bridge and the shop, each test in both eras.
// MCP_URL and ADMIN_URL are set by run.py, which starts them.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {clients} from './clients.mjs';
import {ClientSpan} from './trace.mjs';

const {MCP_URL: mcpUrl, ADMIN_URL: adminUrl} = process.env;
const versions = {legacy: '2025-11-25', modern: '2026-07-28'};
const order = {
  customerId: 'cust-7',
  lines: [{productId: 'prod-1001', quantity: 1}],
  shippingAddress: {
    recipient: 'Ada Lovelace', lines: ['Ringstrasse 1'], postalCode: '1010', city: 'Vienna', countryCode: 'AT',
  },
  paymentMethod: {card: {number: '4242424242424242', expiryMonth: 12, expiryYear: 2030}},
};

// Runs `body` with a connected session in each era.
function inBothEras(name, body) {
  for (const each of Object.values(clients)) {
    test(`${each.era}: ${name}`, async () => {
      const session = await each.connect(mcpUrl);
      try {
        await body(session, each.era);
      } finally {
        await session.close();
      }
    });
  }
}

// Listing first makes both clients check every typed answer against the tool's outputSchema.
async function call(session, name, args, options) {
  await session.client.listTools();
  return session.call({name, arguments: args}, options);
}

const textOf = (result) => result.content.map((block) => block.text).join('');

inBothEras('agrees on the newest version of its era', async (session, era) => {
  assert.equal(session.version(), versions[era]);
  assert.equal(session.client.getServerVersion().name, 'grpc-mcp-bridge');
  assert.ok(session.client.getServerCapabilities().tools);
});

inBothEras('lists tools that a model can use', async (session) => {
  const {tools} = await session.client.listTools();
  const names = tools.map((tool) => tool.name);
  for (const name of ['Catalog_GetProduct', 'Order_CreateOrder', 'Payment_GetPayment']) {
    assert.ok(names.includes(name), `${name} is missing in ${names}`);
  }
  for (const tool of tools) {
    assert.match(tool.name, /^[A-Za-z][A-Za-z0-9_-]{0,47}$/);
    assert.ok(tool.description.length > 0, tool.name);
    assert.equal(tool.inputSchema.type, 'object', tool.name);
    assert.equal(tool.outputSchema.type, 'object', tool.name);
  }
  const {annotations} = tools.find((tool) => tool.name === 'Catalog_GetProduct');
  assert.equal(annotations.readOnlyHint, true);
});

inBothEras('gets a typed answer, and the same as text', async (session) => {
  const result = await call(session, 'Catalog_GetProduct', {productId: 'prod-1001'});
  assert.ok(!result.isError, textOf(result));
  assert.equal(result.structuredContent.productId, 'prod-1001');
  assert.deepEqual(JSON.parse(textOf(result)), result.structuredContent);
});

inBothEras('places an order through all services', async (session) => {
  const placed = await call(session, 'Order_CreateOrder', order);
  assert.ok(!placed.isError, textOf(placed));
  assert.equal(placed.structuredContent.state, 'ORDER_STATE_PLACED');
  const {orderId, paymentId} = placed.structuredContent;
  const found = await call(session, 'Order_GetOrder', {orderId, view: 'FULL'});
  assert.equal(found.structuredContent.orderId, orderId);
  const payment = await call(session, 'Payment_GetPayment', {paymentId});
  assert.equal(payment.structuredContent.reference, orderId);
});

inBothEras('gets 64-bit numbers as text, without loss', async (session) => {
  const result = await call(session, 'Catalog_GetProduct', {productId: 'prod-1001'});
  assert.match(result.structuredContent.price.amountMinor, /^\d+$/);
});

inBothEras('sees a failure of the service as a result', async (session) => {
  const result = await call(session, 'Catalog_GetProduct', {productId: 'prod-0'});
  assert.equal(result.isError, true);
  assert.match(textOf(result), /NOT_FOUND/);
});

inBothEras('is told the nearest name of a wrong argument', async (session) => {
  const result = await call(session, 'Catalog_GetProduct', {productid: 'prod-1001'});
  assert.equal(result.isError, true);
  assert.match(textOf(result), /productId/);
});

inBothEras('learns that a tool does not exist', async (session) => {
  await assert.rejects(session.call({name: 'Catalog_NoSuchTool', arguments: {}}), (error) => {
    assert.equal(error.code, -32602);
    assert.match(error.message, /Catalog_NoSuchTool/);
    return true;
  });
});

inBothEras('makes many calls at once, each with its own answer', async (session) => {
  await session.client.listTools();
  const {structuredContent} = await session.call({name: 'Catalog_SearchProducts', arguments: {pageSize: 5}});
  const ids = structuredContent.products.map((product) => product.productId);
  assert.equal(ids.length, 5);
  const wanted = Array.from({length: 50}, (_, index) => ids[index % ids.length]);
  const results = await Promise.all(
      wanted.map((productId) => session.call({name: 'Catalog_GetProduct', arguments: {productId}})));
  assert.deepEqual(results.map((result) => result.structuredContent.productId), wanted);
});

inBothEras('cancels the call to the service when it aborts its own', async (session) => {
  const {structuredContent: operation} = await call(session, 'Order_ExportOrders', {});
  const span = new ClientSpan('tools/call Operations_WaitOperation');
  const abort = new AbortController();
  const waiting = session.call(
      {name: 'Operations_WaitOperation', arguments: {name: operation.name}, _meta: {traceparent: span.traceparent}},
      {signal: abort.signal});
  setTimeout(() => abort.abort(), 300);
  await assert.rejects(waiting);
  await span.report(adminUrl, 'shop-agent');
  const trace = await fetchTrace(span, (found) => callsUpstream(found).length > 0);
  assert.deepEqual(callsUpstream(trace).map((each) => each.attributes['rpc.status_code']), ['CANCELLED']);
  await call(session, 'Operations_CancelOperation', {name: operation.name});
});

inBothEras('is the root of one trace through all services', async (session) => {
  await session.client.listTools();
  const span = new ClientSpan('tools/call Order_CreateOrder');
  await session.call({name: 'Order_CreateOrder', arguments: order, _meta: {traceparent: span.traceparent}});
  await span.report(adminUrl, 'shop-agent');
  await assertTrace(span, ['shop-agent', 'grpc-mcp-bridge', 'shop-orders', 'shop-catalog', 'shop-payments']);
});

inBothEras('follows an order as it changes, in one trace', async (session) => {
  const {structuredContent: {orderId}} = await call(session, 'Order_CreateOrder', order);
  const span = new ClientSpan('tools/call Order_WatchOrder');
  const progress = [];
  const result = await session.call({
    name: 'Order_WatchOrder',
    arguments: {orderId, stream_limit: {messages: 2}},
    _meta: {traceparent: span.traceparent},
  }, {onprogress: (each) => progress.push(each)});
  assert.ok(!result.isError, textOf(result));
  const states = result.structuredContent.messages.map((event) => event.state);
  assert.deepEqual(states, ['ORDER_STATE_PLACED', 'ORDER_STATE_PACKED']);
  assert.equal(progress[0].progress, 1);
  assert.match(progress[0].message, /ORDER_STATE_PLACED/);
  await span.report(adminUrl, 'shop-agent');
  await assertTrace(span, ['shop-agent', 'grpc-mcp-bridge', 'shop-orders']);
});

for (const each of Object.values(clients)) {
  test(`${each.era}: the traceparent header is taken too`, async () => {
    const span = new ClientSpan('tools/call Catalog_GetProduct');
    const session = await each.connect(mcpUrl, {traceparent: span.traceparent});
    await session.call({name: 'Catalog_GetProduct', arguments: {productId: 'prod-1001'}});
    await session.close();
    await span.report(adminUrl, 'shop-agent');
    await assertTrace(span, ['shop-agent', 'grpc-mcp-bridge', 'shop-catalog']);
  });
}

test('modern: pinned to its version it needs no fallback', async () => {
  const session = await clients.modern.connect(mcpUrl, {}, {pin: '2026-07-28'});
  assert.equal(session.version(), '2026-07-28');
  await session.close();
});

test('modern: by default it speaks the legacy era', async () => {
  const session = await clients.modern.connect(mcpUrl, {}, 'legacy');
  assert.equal(session.version(), '2025-11-25');
  const result = await session.call({name: 'Catalog_GetProduct', arguments: {productId: 'prod-1001'}});
  assert.equal(result.structuredContent.productId, 'prod-1001');
  await session.close();
});

test('legacy: ping', async () => {
  const session = await clients.legacy.connect(mcpUrl);
  assert.deepEqual(await session.client.ping(), {});
  await session.close();
});

test('legacy: after the end of a session its id is unknown', async () => {
  const session = await clients.legacy.connect(mcpUrl);
  const id = session.client.transport.sessionId;
  await session.close();
  const response = await fetch(mcpUrl, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      'MCP-Protocol-Version': '2025-11-25',
      'Mcp-Session-Id': id,
    },
    body: JSON.stringify({jsonrpc: '2.0', id: 1, method: 'tools/list'}),
  });
  assert.equal(response.status, 404);
});

// The spans of the bridge's own gRPC calls in a trace.
function callsUpstream(trace) {
  const all = (spans) => spans.flatMap((each) => [each, ...all(each.children)]);
  return all(trace.spans).filter((each) => each.service === 'grpc-mcp-bridge' && each.kind === 'client');
}

// The span's trace once it is `whole`, or as it is after 10 s. Spans arrive when their service exports
// them, which is soon after the call.
async function fetchTrace(span, whole) {
  const url = `${adminUrl}/debug/traces/${span.traceId.toString('hex')}`;
  const deadline = Date.now() + 10_000;
  let trace = {services: [], spans: []};
  while (Date.now() < deadline && !whole(trace)) {
    const response = await fetch(url, {headers: {Accept: 'application/json'}});
    if (response.ok) trace = await response.json();
  }
  return trace;
}

async function assertTrace(span, services) {
  const trace = await fetchTrace(span, ({services: seen}) => services.every((service) => seen.includes(service)));
  const missing = services.filter((service) => !trace.services.includes(service));
  assert.deepEqual(missing, [], `only ${trace.services} reported`);
  const roots = trace.spans.map((each) => each.spanId);
  assert.deepEqual(roots, [span.spanId.toString('hex')], 'the trace is one tree under the client');
}
