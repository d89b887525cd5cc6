#include "server/orders/documents.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

#include <cstdio>

#include "server/numbered_id.h"

namespace server::orders {
namespace {

namespace pb = shop::orders::v1;

// RFC 4180: quotes are doubled, and a value with quotes, commas or line ends is quoted.
std::string ToCsv(const std::string& value) {
  if (value.find_first_of("\",\r\n") == std::string::npos) return value;
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

pb::LegacyInvoice ToInvoice(const pb::Order& order) {
  const int64_t number = ParseId("order-", order.order_id());
  char text[32];
  std::snprintf(text, sizeof(text), "INV-%06lld", static_cast<long long>(number));
  pb::LegacyInvoice invoice;
  invoice.set_number(text);
  invoice.set_order_id(order.order_id());
  for (const pb::OrderLine& line : order.lines()) {
    auto* position = invoice.add_position();
    position->set_text(line.title());
    position->set_pieces(line.quantity());
    position->set_amount_minor(line.quantity() * line.unit_price_minor());
  }
  invoice.set_total_minor(order.total().amount_minor());
  invoice.set_terms(pb::LegacyInvoice::PREPAID);
  invoice.SetExtension(pb::ledger_number, static_cast<uint32_t>(5000 + number));
  return invoice;
}

std::string ExportMediaType(pb::ExportOrdersRequest::Format format) {
  return format == pb::ExportOrdersRequest::JSON_LINES ? "application/jsonl" : "text/csv";
}

std::string ExportHeader(pb::ExportOrdersRequest::Format format) {
  if (format == pb::ExportOrdersRequest::JSON_LINES) return "";
  return "order_id,customer_id,state,total_minor,create_time\r\n";
}

std::string ExportRow(pb::ExportOrdersRequest::Format format, const pb::Order& order) {
  if (format == pb::ExportOrdersRequest::JSON_LINES) {
    std::string json;
    (void)google::protobuf::util::MessageToJsonString(order, &json);  // an order is always valid
    return json + "\n";
  }
  return order.order_id() + "," + ToCsv(order.customer_id()) + "," +
         pb::OrderState_Name(order.state()) + "," + std::to_string(order.total().amount_minor()) +
         "," + google::protobuf::util::TimeUtil::ToString(order.create_time()) + "\r\n";
}

}  // namespace server::orders
