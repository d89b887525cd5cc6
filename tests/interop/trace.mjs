// The client's own span of one tool call: the root of the trace. It is sent by OTLP to the bridge's trace
// intake, or to any collector, in protobuf written by hand: the fields of
// opentelemetry/proto/trace/v1/trace.proto that we need, and no library for it.
import {randomBytes} from 'node:crypto';

import {Client, credentials, Metadata} from '@grpc/grpc-js';

const KIND_CLIENT = 3;
const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

function varint(number) {
  const bytes = [];
  for (; number > 127; number = Math.floor(number / 128)) bytes.push((number % 128) | 128);
  return Buffer.from([...bytes, number]);
}

// A field of wire type 2: text, bytes or an embedded message.
function bytes(field, value) {
  const body = Buffer.from(value);
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
}

const message = (field, ...parts) => bytes(field, Buffer.concat(parts));
const integer = (field, value) => Buffer.concat([varint(field * 8), varint(value)]);
const attribute = (field, key, text) => message(field, bytes(1, key), message(2, bytes(1, text)));

function fixed64(field, value) {
  const body = Buffer.alloc(8);
  body.writeBigUInt64LE(value);
  return Buffer.concat([varint(field * 8 + 1), body]);
}

const nowNanos = () => BigInt(Date.now()) * 1_000_000n;

export class ClientSpan {
  constructor(name) {
    this.name = name;
    this.traceId = randomBytes(16);
    this.spanId = randomBytes(8);
    this.start = nowNanos();
  }

  get traceparent() {
    return `00-${this.traceId.toString('hex')}-${this.spanId.toString('hex')}-01`;
  }

  // Ends the span and reports it to the OTLP receiver at `endpoint`, as OTEL_EXPORTER_OTLP_ENDPOINT,
  // _PROTOCOL and _HEADERS say. Throws if that does not take it.
  async report(endpoint, service, protocol = 'http/protobuf', headers = {}) {
    const span = message(2, bytes(1, this.traceId), bytes(2, this.spanId), bytes(5, this.name),
                         integer(6, KIND_CLIENT), fixed64(7, this.start), fixed64(8, nowNanos()));
    const resource = message(1, attribute(1, 'service.name', service));
    const request = message(1, resource, message(2, span));
    const send = protocol === 'grpc' ? exportByGrpc : exportByHttp;
    await send(endpoint, request, headers).catch((error) => {
      throw new Error(`${endpoint} does not take spans: ${error.cause?.message ?? error.message}`);
    });
  }
}

async function exportByHttp(endpoint, body, headers) {
  const response = await fetch(`${endpoint.replace(/\/$/, '')}/v1/traces`, {
    method: 'POST',
    headers: {...headers, 'Content-Type': 'application/x-protobuf'},
    body,
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}

async function exportByGrpc(endpoint, body, headers) {
  const {protocol, host} = new URL(endpoint);
  const client = new Client(host, protocol === 'https:' ? credentials.createSsl() : credentials.createInsecure());
  const metadata = Metadata.fromHttp2Headers(headers);
  const asIs = (message) => message;
  try {
    await new Promise((resolve, reject) => {
      client.makeUnaryRequest(EXPORT, asIs, asIs, body, metadata, {deadline: Date.now() + 10_000},
                              (error) => (error ? reject(error) : resolve()));
    });
  } finally {
    client.close();
  }
}
