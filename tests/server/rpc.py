"""A gRPC client for any service of which there is a descriptor set: requests are dicts in
ProtoJSON, answers are messages. Needs no generated code."""

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

DEADLINE_SECONDS = 20


class Schema:
    """The messages and methods of a descriptor set (a file)."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.files = descriptor_pb2.FileDescriptorSet.FromString(file.read()).file
        self.pool = descriptor_pool.DescriptorPool()
        self.methods = {}
        for file in self.files:
            self.pool.AddSerializedFile(file.SerializeToString())
            for service in file.service:
                for method in service.method:
                    self.methods[f"{file.package}.{service.name}/{method.name}"] = method
        self._factory = message_factory.MessageFactory(self.pool)

    def message(self, name):
        return self._factory.GetPrototype(self.pool.FindMessageTypeByName(name.lstrip(".")))

    def parse(self, name, value):
        return json_format.ParseDict(value, self.message(name)(), descriptor_pool=self.pool)

    def unpack(self, any_message):
        """The message in an Any."""
        return self.message(any_message.type_url.split("/")[-1]).FromString(any_message.value)


class Client:
    """Calls the methods of a server, by "package.Service/Method"."""

    def __init__(self, schema, target, credentials=None):
        self._schema = schema
        self._channel = grpc.secure_channel(target, credentials) if credentials else grpc.insecure_channel(target)

    def close(self):
        self._channel.close()

    def call(self, method, request=None, metadata=None, timeout=DEADLINE_SECONDS):
        """Unary and client streaming (then `request` is a list) give a message; the others give
        the call, which iterates over messages."""
        proto = self._schema.methods[method]
        kind = "{}_{}".format(
            "stream" if proto.client_streaming else "unary",
            "stream" if proto.server_streaming else "unary",
        )
        stub = getattr(self._channel, kind)(
            "/" + method,
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=self._schema.message(proto.output_type).FromString,
        )
        if proto.client_streaming:
            argument = (self._schema.parse(proto.input_type, item) for item in request)
        else:
            argument = self._schema.parse(proto.input_type, request or {})
        return stub(argument, timeout=timeout, metadata=metadata)


class Failure:
    """What an error says: its code, its message and its google.rpc details by type name."""

    def __init__(self, schema, error):
        self.code = error.code()
        self.message = error.details()
        self.details = {}
        trailers = dict(error.trailing_metadata() or ())
        status = schema.message("google.rpc.Status").FromString(
            trailers.get("grpc-status-details-bin", b"")
        )
        for detail in status.details:
            name = detail.type_url.split(".")[-1]
            self.details[name] = ERROR_DETAILS[name].FromString(detail.value)

    def fields(self):
        """The fields that a BadRequest complains about."""
        return [violation.field for violation in self.details["BadRequest"].field_violations]


ERROR_DETAILS = {}


def load_error_details(schema):
    for name in ("BadRequest", "ErrorInfo", "QuotaFailure", "ResourceInfo", "RetryInfo"):
        ERROR_DETAILS[name] = schema.message("google.rpc." + name)
