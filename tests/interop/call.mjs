// node call.mjs ERA MCP_URL TOOL ARGUMENTS
// One tool call by an official client, as the root of a trace. Lines of JSON go to stdout: who calls, {progress,
// message} as it comes, then the result. The span goes where OTEL_EXPORTER_OTLP_ENDPOINT, _PROTOCOL and _HEADERS say.
import {clients} from './clients.mjs';
import {ClientSpan} from './trace.mjs';

const [era, mcpUrl, tool, argumentsText] = process.argv.slice(2);
const otlp = (name) => process.env[`OTEL_EXPORTER_OTLP_${name}`] || undefined;
const {library, connect} = clients[era];
const session = await connect(mcpUrl);
const {tools} = await session.client.listTools();
const say = (line) => console.log(JSON.stringify(line));
say({library, version: session.version(), tools: tools.length});

const span = new ClientSpan(`tools/call ${tool}`);
const params = {name: tool, arguments: JSON.parse(argumentsText), _meta: {traceparent: span.traceparent}};
const result = await session.call(params, {onprogress: ({progress, message}) => say({progress, message})});
await span.report(otlp('ENDPOINT'), 'shop-agent', otlp('PROTOCOL'), headersOf(otlp('HEADERS')));
say({result, traceId: span.traceId.toString('hex')});
await session.close();

// "a=b,c=d", values percent-encoded.
function headersOf(text = '') {
  const pairs = text.split(',').filter((pair) => pair.includes('='));
  return Object.fromEntries(pairs.map((pair) => {
    const [key, ...value] = pair.split('=');
    return [key.trim().toLowerCase(), decodeURIComponent(value.join('=').trim())];
  }));
}
