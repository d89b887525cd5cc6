// node call.mjs ERA MCP_URL ADMIN_URL TOOL ARGUMENTS
// One tool call by an official client, as the root of a trace; what happened goes to stdout as JSON.
import {clients} from './clients.mjs';
import {ClientSpan} from './trace.mjs';

const [era, mcpUrl, adminUrl, tool, argumentsText] = process.argv.slice(2);
const {library, connect} = clients[era];
const session = await connect(mcpUrl);
const {tools} = await session.client.listTools();

const span = new ClientSpan(`tools/call ${tool}`);
const result = await session.call({
  name: tool,
  arguments: JSON.parse(argumentsText),
  _meta: {traceparent: span.traceparent},
});
await span.report(adminUrl, 'shop-agent');

console.log(JSON.stringify({
  library,
  server: session.client.getServerVersion(),
  version: session.version(),
  tools: tools.map((each) => each.name),
  result,
  traceId: span.traceId.toString('hex'),
}));
await session.close();
