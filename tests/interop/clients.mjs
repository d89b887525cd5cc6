// The two official TypeScript clients behind one face: {era, connect(url), spawn(command, words)}. Both check
// typed answers against the tool's outputSchema once its tools are listed.
import {Client as ModernClient, StreamableHTTPClientTransport as ModernHttp} from '@modelcontextprotocol/client';
import {StdioClientTransport as ModernStdio} from '@modelcontextprotocol/client/stdio';
import {Client as LegacyClient} from '@modelcontextprotocol/sdk/client/index.js';
import {StdioClientTransport as LegacyStdio} from '@modelcontextprotocol/sdk/client/stdio.js';
import {StreamableHTTPClientTransport as LegacyHttp} from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {CallToolResultSchema} from '@modelcontextprotocol/sdk/types.js';

const identity = {name: 'shop-agent', version: '1.0.0'};

async function openLegacy(transport) {
  const client = new LegacyClient(identity);
  await client.connect(transport);
  return {
    client,
    version: () => transport.protocolVersion,
    call: (params, options) => client.callTool(params, CallToolResultSchema, options),
    async close() {
      await transport.terminateSession?.();
      await client.close();
    },
  };
}

async function openModern(transport, mode = 'auto') {
  const client = new ModernClient(identity, {versionNegotiation: {mode}});
  await client.connect(transport);
  return {
    client,
    version: () => client.getNegotiatedProtocolVersion(),
    call: (params, options) => client.callTool(params, options),
    close: () => client.close(),
  };
}

// @modelcontextprotocol/sdk 1.32.2: handshake, session, protocol 2025-11-25.
const legacy = {
  era: 'legacy',
  library: '@modelcontextprotocol/sdk 1.32.2',
  connect: (url, headers = {}) => openLegacy(new LegacyHttp(new URL(url), {requestInit: {headers}})),
  spawn: (command, args) => openLegacy(new LegacyStdio({command, args})),
};

// @modelcontextprotocol/client 2.4.0: no handshake, every request complete, protocol 2026-07-28.
const modern = {
  era: 'modern',
  library: '@modelcontextprotocol/client 2.4.0',
  connect: (url, headers = {}, mode) => openModern(new ModernHttp(new URL(url), {requestInit: {headers}}), mode),
  spawn: (command, args) => openModern(new ModernStdio({command, args})),
};

export const clients = {legacy, modern};
