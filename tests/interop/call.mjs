// node call.mjs ERA MCP_URL TOOL ARGUMENTS
// One tool call by an official client, as the root of a trace; what happened goes to stdout as JSON. Its span goes
// where OTEL_EXPORTER_OTLP_ENDPOINT, _PROTOCOL and _HEADERS say.
import {clients} from './clients.mjs';
import {ClientSpan} from './trace.mjs';

const [era, mcpUrl, tool, argumentsText] = process.argv.slice(2);
const otlp = (name) => process.env[`OTEL_EXPORTER_OTLP_${name}`] || undefined;
const {library, connect} = clients[era];
const session = await connect(mcpUrl);
const {tools} = await session.client.listTools();

const span = new ClientSpan(`tools/call ${tool}`);
const result = await session.call({
  name: tool,
  arguments: JSON.parse(argumentsText),
  _meta: {traceparent: span.traceparent},
});
await span.report(otlp('ENDPOINT'), 'shop-agent', otlp('PROTOCOL'), headersOf(otlp('HEADERS')));

console.log(JSON.stringify({
  library,
  server: session.client.getServerVersion(),
  version: session.version(),
  tools: tools.map((each) => each.name),
  result,
  traceId: span.traceId.toString('hex'),
}));
await session.close();

// "a=b,c=d", values percent-encoded.
function headersOf(text = '') {
  const pairs = text.split(',').filter((pair) => pair.includes('='));
  return Object.fromEntries(pairs.map((pair) => {
    const [key, ...value] = pair.split('=');
    return [key.trim().toLowerCase(), decodeURIComponent(value.join('=').trim())];
  }));
}
