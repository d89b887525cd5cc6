import unittest

from google.protobuf import descriptor_pb2, descriptor_pool

import rpc
import shop

REFLECTION = "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
HEALTH = "grpc.health.v1.Health/Check"
SERVING = 1
# FieldOptions.debug_redact = true, which this protobuf does not know, as bytes on the wire.
DEBUG_REDACT = b"\x80\x01\x01"


def clear_json_names(message):
    """C++ servers do not send them, and clients make them from the names."""
    if "json_name" in message.DESCRIPTOR.fields_by_name:
        message.ClearField("json_name")
    for field, value in message.ListFields():
        if field.message_type:
            for part in value if field.label == field.LABEL_REPEATED else [value]:
                clear_json_names(part)


class ReflectionTest(shop.ShopTest):
    def ask(self, target, request):
        client = rpc.Client(shop.TOOLS, target)
        self.addCleanup(client.close)
        return next(client.call(REFLECTION, [request]))

    def services(self, target):
        answer = self.ask(target, {"listServices": ""})
        return {service.name for service in answer.list_services_response.service}

    def files(self, target, symbol):
        """The file with the symbol and all that it imports, by name."""
        found, wanted = {}, [{"fileContainingSymbol": symbol}]
        while wanted:
            answer = self.ask(target, wanted.pop())
            self.assertTrue(answer.HasField("file_descriptor_response"), answer)
            for data in answer.file_descriptor_response.file_descriptor_proto:
                file = descriptor_pb2.FileDescriptorProto.FromString(data)
                found[file.name] = file
            names = {name for file in found.values() for name in file.dependency}
            wanted = [{"fileByFilename": name} for name in sorted(names - set(found))][:1]
        return found

    def test_services(self):
        own = {
            self.shop.catalog_process.target: {"shop.catalog.v1.CatalogService"},
            self.shop.payments_process.target: {"shop.payments.v1.PaymentService"},
            self.shop.orders_process.target: {
                "shop.orders.v1.OrderService",
                "google.longrunning.Operations",
            },
        }
        for target, names in own.items():
            gone = {"grpc.reflection.v1alpha.ServerReflection", "grpc.health.v1.Health"}
            self.assertEqual(self.services(target) - gone, names)

    def test_files_are_those_of_the_descriptor_set(self):
        published = {file.name: file for file in shop.SCHEMA.files}
        seen = set()
        loyalty, shipping = shop.Process("shop-loyalty"), shop.Process("shop-shipping")
        self.addCleanup(loyalty.stop)
        self.addCleanup(shipping.stop)
        for target, symbol in (
            (self.shop.catalog_process.target, "shop.catalog.v1.CatalogService"),
            (self.shop.payments_process.target, "shop.payments.v1.PaymentService"),
            (self.shop.orders_process.target, "shop.orders.v1.OrderService"),
            (self.shop.orders_process.target, "google.longrunning.Operations"),
            (loyalty.target, "shop.loyalty.v1.LoyaltyService"),
            (shipping.target, "shop.shipping.v1.ShippingService"),
        ):
            files = self.files(target, symbol)
            pool = descriptor_pool.DescriptorPool()
            added = set()

            def add(name):
                if name in added:
                    return
                added.add(name)
                for imported in files[name].dependency:
                    add(imported)
                pool.AddSerializedFile(files[name].SerializeToString())

            for name in files:
                add(name)
            self.assertEqual(pool.FindServiceByName(symbol).full_name, symbol)
            for name, file in files.items():
                if name.startswith("shop/"):
                    plain = descriptor_pb2.FileDescriptorProto()
                    plain.CopyFrom(published[name])
                    plain.ClearField("source_code_info")
                    clear_json_names(plain)
                    self.assertEqual(file, plain)
            seen |= set(files)
        self.assertEqual({name for name in published if name.startswith("shop/")} - seen, set())

    def test_debug_redact_is_in_the_answer(self):
        file = self.files(
            self.shop.orders_process.target, "shop.orders.v1.OrderService"
        )["shop/payments/v1/payment.proto"]
        redacted = {
            f"{message.name}.{field.name}"
            for message in file.message_type
            for field in message.field
            if DEBUG_REDACT in field.options.SerializeToString()
        }
        self.assertEqual(redacted, {"Card.number", "Card.security_code", "BankAccount.iban"})

    def test_health(self):
        for process, name in (
            (self.shop.catalog_process, "shop.catalog.v1.CatalogService"),
            (self.shop.payments_process, "shop.payments.v1.PaymentService"),
            (self.shop.orders_process, "shop.orders.v1.OrderService"),
        ):
            client = rpc.Client(shop.TOOLS, process.target)
            self.addCleanup(client.close)
            for service in ("", name):
                self.assertEqual(client.call(HEALTH, {"service": service}).status, SERVING)


class CommentsTest(unittest.TestCase):
    """Comments become what a model reads, so none may be missing."""

    # The numbers of the path of an element in a FileDescriptorProto.
    MESSAGE, ENUM, SERVICE, EXTENSION = 4, 5, 6, 7

    def elements(self, file):
        """The path and the name of everything that must have a comment."""

        def enum(path, proto):
            yield path, proto.name
            for index, value in enumerate(proto.value):
                yield (*path, 2, index), value.name

        def message(path, proto):
            if not proto.options.map_entry:
                yield path, proto.name
                for number, parts in ((2, proto.field), (8, proto.oneof_decl)):
                    for index, part in enumerate(parts):
                        # Synthetic oneofs have none, and that of a group is at its message.
                        group = number == 2 and part.type == part.TYPE_GROUP
                        if not part.name.startswith("_") and not group:
                            yield (*path, number, index), f"{proto.name}.{part.name}"
                for index, nested in enumerate(proto.nested_type):
                    yield from message((*path, 3, index), nested)
                for index, nested in enumerate(proto.enum_type):
                    yield from enum((*path, 4, index), nested)

        for index, proto in enumerate(file.message_type):
            yield from message((self.MESSAGE, index), proto)
        for index, proto in enumerate(file.enum_type):
            yield from enum((self.ENUM, index), proto)
        for index, proto in enumerate(file.extension):
            yield (self.EXTENSION, index), proto.name
        for index, proto in enumerate(file.service):
            yield (self.SERVICE, index), proto.name
            for number, method in enumerate(proto.method):
                yield (self.SERVICE, index, 2, number), f"{proto.name}.{method.name}"

    def test_everything_has_a_comment(self):
        for file in shop.SCHEMA.files:
            if not file.name.startswith("shop/"):
                continue
            commented = {
                tuple(location.path)
                for location in file.source_code_info.location
                if location.leading_comments.strip()
            }
            for path, name in self.elements(file):
                with self.subTest(file=file.name, name=name):
                    self.assertIn(path, commented)


if __name__ == "__main__":
    unittest.main()
