// EchoService and StreamService on @grpc/grpc-js with @grpc/proto-loader, described by @grpc/reflection.
//   server.mjs IMPORT_FOLDER...   from the .proto files
//   server.mjs FILE.binpb         from a closed descriptor set: protobufjs describes itself differently then
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';
import {ReflectionService} from '@grpc/reflection';

import {streamMethods} from './streams.mjs';

const EMPTY = {};
const files = ['interop/v1/echo.proto', 'interop/streams/v1/streams.proto', 'google/rpc/status.proto',
               'google/rpc/error_details.proto'];
const options = {keepCase: true, longs: String, enums: String, oneofs: true};
const fromSet = process.argv[2].endsWith('.binpb');
const definition = fromSet
  ? protoLoader.loadFileDescriptorSetFromBuffer(readFileSync(process.argv[2]), options)
  : protoLoader.loadSync(files, {
    includeDirs: [fileURLToPath(new URL('proto', import.meta.url)), ...process.argv.slice(2)], ...options,
  });
const services = ['interop.v1.EchoService', 'interop.streams.v1.StreamService'];

// A google.protobuf.Timestamp or Duration, as one text.
const moment = ({seconds, nanos}) => `${seconds} s ${nanos ?? 0} ns`;
const hex = (bytes) => bytes.toString('hex');

// Of a descriptor set, protobufjs reads maps as lists of entries.
const entry = (map, key) => fromSet ? map.find((each) => each.key === key).value : map[key];
const toMap = (object) => fromSet ? Object.entries(object).map(([key, value]) => ({key, value})) : object;

// What this language sees, in words that do not depend on it.
function inspect(values) {
  const ratio = entry(values.struct.fields, 'ratio');
  return {
    int64_value: values.int64_value,
    uint64_value: values.uint64_value,
    sint64_value: values.sint64_value,
    fixed64_value: values.fixed64_value,
    sint32_value: String(values.sint32_value),
    double_is_nan: String(Number.isNaN(values.double_value)),
    float_is_negative_infinity: String(values.float_value === -Infinity),
    bytes_value: hex(values.bytes_value),
    color: values.color,
    int64_list: values.int64_list.join(' '),
    int64_by_name: entry(values.int64_by_name, 'big'),
    name_by_number: entry(values.name_by_number, -3),
    nested_in_map: entry(values.values_by_name, 'one').string_value,
    timestamp: moment(values.timestamp),
    duration: moment(values.duration),
    field_mask: values.field_mask.paths.join(' '),
    struct_number: String(ratio.numberValue ?? ratio.number_value),
    any_type: values.any.type_url,
    int64_wrapper: values.int64_wrapper.value,
    bytes_wrapper: hex(values.bytes_wrapper.value),
    bool_wrapper: `present, ${values.bool_wrapper.value ?? false}`,
    choice: values.choice,
    number: values.number,
    optional_int32: `present, ${values.optional_int32}`,
    optional_string: values.optional_string === undefined ? 'absent' : 'present',
    grandchild: values.child.child.string_value,
    inner: values.inner.label,
  };
}

// grpc-js has no words for google.rpc.Status: services put it into the trailers themselves.
function failure(code, message, type, detail) {
  const status = definition['google.rpc.Status'].serialize({
    code,
    message,
    details: [{
      type_url: `type.googleapis.com/google.rpc.${type}`,
      value: definition[`google.rpc.${type}`].serialize(detail),
    }],
  });
  const metadata = new grpc.Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(status));
  return {code, details: message, metadata};
}

// Promises that a Hang reaches a state, by id and state.
const reached = new Map();
function state(id, name) {
  const key = `${id} ${name}`;
  if (!reached.has(key)) reached.set(key, Promise.withResolvers());
  return reached.get(key);
}

const server = new grpc.Server();
server.addService(definition[services[0]], {
  Echo: ({request}, answer) => answer(null, request),
  EchoOld: ({request}, answer) => answer(null, request),
  Inspect: ({request}, answer) => answer(null, {facts: toMap(inspect(request.values))}),
  Reject: ({request: {field, description}}, answer) => {
    answer(failure(grpc.status.INVALID_ARGUMENT, 'rejected', 'BadRequest', {field_violations: [{field, description}]}));
  },
  GetTraceContext: ({metadata}, answer) => answer(null, {
    traceparent: metadata.get('traceparent').join(),
    tracestate: metadata.get('tracestate').join(),
  }),
  Hang: (call, answer) => {
    call.on('cancelled', () => {
      state(call.request.id, 'HANG_STATE_CANCELLED').resolve();
      answer(null, EMPTY);
    });
    state(call.request.id, 'HANG_STATE_STARTED').resolve();
  },
  AwaitHang: ({request}, answer) => {
    state(request.id, request.state).promise.then(() => answer(null, {state: request.state}));
  },
});
server.addService(definition[services[1]], streamMethods(failure));
new ReflectionService(definition, {services}).addToServer(server);

server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`ready grpc=127.0.0.1:${port}`);
});
process.on('SIGTERM', () => {
  server.forceShutdown();
  process.exit(0);
});
