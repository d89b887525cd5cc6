# The example shop. protoc 3.21 does not know the option `debug_redact` yet (FieldOptions 16), so it
# resolves the options of the shop against a copy of descriptor.proto that has it: the descriptors
# then carry it just as those of a newer protoc do.
set(SHOP_DESCRIPTOR_DIR ${CMAKE_BINARY_DIR}/gen/shop_descriptor)
find_path(PROTOBUF_PROTO_DIR google/protobuf/descriptor.proto REQUIRED)
file(READ ${PROTOBUF_PROTO_DIR}/google/protobuf/descriptor.proto descriptor_proto)
if(NOT descriptor_proto MATCHES "debug_redact")
  string(REPLACE "message FieldOptions {"
                 "message FieldOptions {\n  optional bool debug_redact = 16 [default = false];"
                 descriptor_proto "${descriptor_proto}")
endif()
file(CONFIGURE OUTPUT ${SHOP_DESCRIPTOR_DIR}/google/protobuf/descriptor.proto
     CONTENT "${descriptor_proto}" @ONLY)

set(SHOP_SERVICES
    google/longrunning/operations.proto
    shop/catalog/v1/catalog_service.proto
    shop/loyalty/v1/loyalty_service.proto
    shop/orders/v1/order_service.proto
    shop/payments/v1/payment_service.proto
    shop/shipping/v1/shipping_service.proto)
set(SHOP_PROTOS
    google/api/field_behavior.proto
    ${SHOP_SERVICES}
    shop/catalog/v1/category.proto
    shop/catalog/v1/inventory.proto
    shop/catalog/v1/product.proto
    shop/common/v1/address.proto
    shop/common/v1/audit.proto
    shop/common/v1/money.proto
    shop/orders/v1/legacy_invoice.proto
    shop/orders/v1/order.proto
    shop/payments/v1/payment.proto)
proto_library(shop_proto GRPC ROOT ${CMAKE_CURRENT_SOURCE_DIR} PROTOS ${SHOP_PROTOS}
              INCLUDES ${SHOP_DESCRIPTOR_DIR} ${GOOGLEAPIS_PROTO_DIR} DEPS google_rpc_proto)

# The shop as one file for those who cannot ask its reflection, comments included.
set(SHOP_BINPB ${CMAKE_BINARY_DIR}/share/shop.binpb)
list(TRANSFORM SHOP_PROTOS PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ OUTPUT_VARIABLE shop_sources)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/share)
add_custom_command(
  OUTPUT ${SHOP_BINPB}
  COMMAND ${PROTOC} -I${SHOP_DESCRIPTOR_DIR} -I${GOOGLEAPIS_PROTO_DIR} -I${CMAKE_CURRENT_SOURCE_DIR}
          --include_imports --include_source_info --descriptor_set_out=${SHOP_BINPB}
          ${SHOP_SERVICES}
  DEPENDS ${shop_sources} ${SHOP_DESCRIPTOR_DIR}/google/protobuf/descriptor.proto
  COMMENT "protoc shop.binpb")
add_custom_target(shop_descriptor_set ALL DEPENDS ${SHOP_BINPB})

# An imported file can change what is generated, so any of them remakes all.
foreach(proto ${SHOP_PROTOS})
  string(REGEX REPLACE "\\.proto$" ".pb.cc" output ${CMAKE_BINARY_DIR}/gen/shop_proto/${proto})
  add_custom_command(OUTPUT ${output} APPEND DEPENDS ${shop_sources})
endforeach()
