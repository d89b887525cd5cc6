// The two official TypeScript clients behind one face: {era, connect(url), ...}. Both check typed
// answers against the tool's outputSchema once its tools are listed.
import {Client as ModernClient, StreamableHTTPClientTransport as ModernTransport}
    from '@modelcontextprotocol/client';
import {Client as LegacyClient} from '@modelcontextprotocol/sdk/client/index.js';
import {StreamableHTTPClientTransport as LegacyTransport}
    from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {CallToolResultSchema} from '@modelcontextprotocol/sdk/types.js';

const identity = {name: 'shop-agent', version: '1.0.0'};

// @modelcontextprotocol/sdk 1.32.2: handshake, session, protocol 2025-11-25.
const legacy = {
  era: 'legacy',
  library: '@modelcontextprotocol/sdk 1.32.2',
  async connect(url, headers = {}) {
    const client = new LegacyClient(identity);
    const transport = new LegacyTransport(new URL(url), {requestInit: {headers}});
    await client.connect(transport);
    return {
      client,
      version: () => transport.protocolVersion,
      call: (params, options) => client.callTool(params, CallToolResultSchema, options),
      async close() {
        await transport.terminateSession();
        await client.close();
      },
    };
  },
};

// @modelcontextprotocol/client 2.4.0: no handshake, every request complete, protocol 2026-07-28.
const modern = {
  era: 'modern',
  library: '@modelcontextprotocol/client 2.4.0',
  async connect(url, headers = {}, mode = 'auto') {
    const client = new ModernClient(identity, {versionNegotiation: {mode}});
    await client.connect(new ModernTransport(new URL(url), {requestInit: {headers}}));
    return {
      client,
      version: () => client.getNegotiatedProtocolVersion(),
      call: (params, options) => client.callTool(params, options),
      close: () => client.close(),
    };
  },
};

export const clients = {legacy, modern};
