#!/usr/bin/env python3
"""server.py FILE   EchoService and StreamService on grpcio, described by grpcio-reflection (v1alpha only).

FILE is the descriptor set of proto/: it goes to the default pool, as generated modules do it, so that the
service is described from there. Google's own files come from their packages."""
import collections
import math
import pathlib
import signal
import sys
import threading
from concurrent import futures

import grpc
from google.api import annotations_pb2, field_behavior_pb2  # noqa: F401 (registers the options)
from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, empty_pb2, message_factory
from google.protobuf import duration_pb2, field_mask_pb2, struct_pb2, timestamp_pb2, wrappers_pb2  # noqa: F401
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status

from streams import StreamService

ECHO, STREAMS = "interop.v1.EchoService", "interop.streams.v1.StreamService"


def load(path):
    pool = descriptor_pool.Default()
    for file in descriptor_pb2.FileDescriptorSet.FromString(path.read_bytes()).file:
        pool.AddSerializedFile(file.SerializeToString())
    return [pool.FindServiceByName(name) for name in (ECHO, STREAMS)]


DESCRIPTORS = load(pathlib.Path(sys.argv[1]))


def message(descriptor):
    return message_factory.GetMessageClass(descriptor)


def moment(value):
    return f"{value.seconds} s {value.nanos} ns"


def present(values, field):
    return values.HasField(field)


def facts(values):
    """What this language sees, in words that do not depend on it."""
    color = values.DESCRIPTOR.fields_by_name["color"].enum_type
    return {
        "int64_value": str(values.int64_value),
        "uint64_value": str(values.uint64_value),
        "sint64_value": str(values.sint64_value),
        "fixed64_value": str(values.fixed64_value),
        "sint32_value": str(values.sint32_value),
        "double_is_nan": str(math.isnan(values.double_value)).lower(),
        "float_is_negative_infinity": str(values.float_value == -math.inf).lower(),
        "bytes_value": values.bytes_value.hex(),
        "color": color.values_by_number[values.color].name,
        "int64_list": " ".join(map(str, values.int64_list)),
        "int64_by_name": str(values.int64_by_name["big"]),
        "name_by_number": values.name_by_number[-3],
        "nested_in_map": values.values_by_name["one"].string_value,
        "timestamp": moment(values.timestamp),
        "duration": moment(values.duration),
        "field_mask": " ".join(values.field_mask.paths),
        "struct_number": str(values.struct["ratio"]),
        "any_type": values.any.type_url,
        "int64_wrapper": str(values.int64_wrapper.value),
        "bytes_wrapper": values.bytes_wrapper.value.hex(),
        "bool_wrapper": f"present, {str(values.bool_wrapper.value).lower()}" if present(values, "bool_wrapper") else "",
        "choice": values.WhichOneof("choice"),
        "number": str(values.number),
        "optional_int32": f"present, {values.optional_int32}" if present(values, "optional_int32") else "absent",
        "optional_string": "present" if present(values, "optional_string") else "absent",
        "grandchild": values.child.child.string_value,
        "inner": values.inner.label,
    }


def abort(context, code, message, detail):
    packed = any_pb2.Any()
    packed.Pack(detail)
    context.abort_with_status(rpc_status.to_status(status_pb2.Status(code=code, message=message, details=[packed])))


class EchoService:
    """A method per RPC: (request, context) -> a dict of the answer's fields, or a message."""

    def __init__(self):
        # Events that a Hang has reached a state, by (id, state).
        self._reached = collections.defaultdict(threading.Event)
        self._states = DESCRIPTORS[0].file.enum_types_by_name["HangState"].values_by_name

    def Echo(self, request, context):
        return {"values": request.values}

    def EchoOld(self, request, context):
        return request

    def Inspect(self, request, context):
        return {"facts": facts(request.values)}

    def Reject(self, request, context):
        abort(context, code_pb2.INVALID_ARGUMENT, "rejected", error_details_pb2.BadRequest(field_violations=[
            {"field": request.field, "description": request.description}]))

    def GetTraceContext(self, request, context):
        metadata = dict(context.invocation_metadata())
        return {key: metadata.get(key, "") for key in ("traceparent", "tracestate")}

    def Hang(self, request, context):
        over = threading.Event()
        context.add_callback(over.set)
        self._reached[request.id, self._states["HANG_STATE_STARTED"].number].set()
        over.wait()
        self._reached[request.id, self._states["HANG_STATE_CANCELLED"].number].set()
        return empty_pb2.Empty()

    def AwaitHang(self, request, context):
        self._reached[request.id, request.state].wait()
        return {"state": request.state}


# By whether the requests and whether the answers are streams.
KINDS = {(False, False): grpc.unary_unary_rpc_method_handler, (False, True): grpc.unary_stream_rpc_method_handler,
         (True, False): grpc.stream_unary_rpc_method_handler, (True, True): grpc.stream_stream_rpc_method_handler}


def handlers(descriptor, service):
    def handler(method):
        answer = message(method.output_type)

        def finish(made):
            return answer(**made) if isinstance(made, dict) else made

        def behavior(request, context):
            made = getattr(service, method.name)(request, context)
            return map(finish, made) if method.server_streaming else finish(made)

        return KINDS[method.client_streaming, method.server_streaming](
            behavior, request_deserializer=message(method.input_type).FromString,
            response_serializer=lambda made: made.SerializeToString())

    return grpc.method_handlers_generic_handler(descriptor.full_name, {m.name: handler(m) for m in descriptor.methods})


def main():
    # A thread for each call under way.
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=64))
    services = [EchoService(), StreamService(abort)]
    server.add_generic_rpc_handlers([handlers(*pair) for pair in zip(DESCRIPTORS, services, strict=True)])
    reflection.enable_server_reflection([ECHO, STREAMS, reflection.SERVICE_NAME], server)
    port = server.add_insecure_port("127.0.0.1:0")
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    server.start()
    print(f"ready grpc=127.0.0.1:{port}", flush=True)
    stopped.wait()
    server.stop(grace=None).wait()


main()
