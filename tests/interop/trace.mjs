// The client's own span of one tool call: the root of the trace. It is sent to the bridge's trace
// intake as an OTLP/HTTP request in protobuf, written by hand: the fields of
// opentelemetry/proto/trace/v1/trace.proto that we need, and no library for it.
import {randomBytes} from 'node:crypto';

const KIND_CLIENT = 3;

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

  // Ends the span and reports it. Throws if the intake does not take it.
  async report(adminUrl, service) {
    const span = message(2, bytes(1, this.traceId), bytes(2, this.spanId), bytes(5, this.name),
                         integer(6, KIND_CLIENT), fixed64(7, this.start), fixed64(8, nowNanos()));
    const resource = message(1, attribute(1, 'service.name', service));
    const response = await fetch(`${adminUrl}/v1/traces`, {
      method: 'POST',
      headers: {'Content-Type': 'application/x-protobuf'},
      body: message(1, resource, message(2, span)),
    });
    if (!response.ok) throw new Error(`trace intake: ${response.status} ${await response.text()}`);
  }
}
