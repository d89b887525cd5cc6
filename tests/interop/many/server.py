#!/usr/bin/env python3
"""server.py COUNT   a gRPC server with one service of COUNT methods, described by grpcio-reflection."""
import signal
import sys
import threading
from concurrent import futures

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool
from grpc_reflection.v1alpha import reflection

SERVICE = "interop.many.v1.ManyService"


def describe(count):
    file = descriptor_pb2.FileDescriptorProto(name="interop/many.proto", package="interop.many.v1", syntax="proto3")
    message = file.message_type.add(name="Item")
    message.field.add(name="name", number=1, type="TYPE_STRING", label="LABEL_OPTIONAL")
    service = file.service.add(name="ManyService")
    for number in range(count):
        service.method.add(name=f"Get{number}", input_type=".interop.many.v1.Item", output_type=".interop.many.v1.Item")
    descriptor_pool.Default().AddSerializedFile(file.SerializeToString())


def main():
    describe(int(sys.argv[1]))
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    reflection.enable_server_reflection([SERVICE, reflection.SERVICE_NAME], server)
    port = server.add_insecure_port("127.0.0.1:0")
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    server.start()
    print(f"ready grpc=127.0.0.1:{port}", flush=True)
    stopped.wait()
    server.stop(grace=None).wait()


main()
