#include "server/orders/support.h"

#include <absl/strings/ascii.h>

#include <optional>
#include <string>

namespace server::orders {
namespace {

namespace pb = shop::orders::v1;

// The first "order-<digits>" in the text, or nothing.
std::optional<std::string> FindOrderId(const std::string& text) {
  constexpr char kPrefix[] = "order-";
  for (size_t at = text.find(kPrefix); at != std::string::npos; at = text.find(kPrefix, at + 1)) {
    size_t end = at + sizeof(kPrefix) - 1;
    while (end < text.size() && absl::ascii_isdigit(text[end])) ++end;
    if (end > at + sizeof(kPrefix) - 1) return text.substr(at, end - at);
  }
  return std::nullopt;
}

std::string Describe(pb::OrderState state) {
  switch (state) {
    case pb::ORDER_STATE_PLACED:
      return "is paid and waits to be packed";
    case pb::ORDER_STATE_PACKED:
      return "is packed and leaves soon";
    case pb::ORDER_STATE_SHIPPED:
      return "is on its way to you";
    case pb::ORDER_STATE_DELIVERED:
      return "was delivered";
    default:
      return "was cancelled";
  }
}

pb::SupportReply ReplyToText(const std::string& text, const Store& store) {
  pb::SupportReply reply;
  const std::optional<std::string> order_id = FindOrderId(absl::AsciiStrToLower(text));
  if (!order_id) {
    reply.set_text("Which order is it about? Please name it, for example order-1.");
    return reply;
  }
  std::optional<pb::Order> order = store.Find(*order_id);
  if (!order) {
    reply.set_text("I cannot find " + *order_id + ". Please check the number.");
    return reply;
  }
  reply.set_text(*order_id + " " + Describe(order->state()) + ".");
  switch (order->state()) {
    case pb::ORDER_STATE_PLACED:
    case pb::ORDER_STATE_PACKED:
      reply.add_suggestions("Cancel the order");
      reply.add_suggestions("Change the address");
      break;
    case pb::ORDER_STATE_SHIPPED:
      reply.add_suggestions("Follow the parcel");
      break;
    default:
      reply.add_suggestions("Get the invoice");
  }
  *reply.mutable_order() = *std::move(order);
  return reply;
}

}  // namespace

pb::SupportReply MakeReply(const pb::SupportMessage& message, const Store& store) {
  pb::SupportReply reply;
  switch (message.content_case()) {
    case pb::SupportMessage::kText:
      return ReplyToText(message.text(), store);
    case pb::SupportMessage::kPicture:
      reply.set_text("Thank you for the picture of " + std::to_string(message.picture().size()) +
                     " bytes. A colleague will look at it.");
      return reply;
    default:
      reply.set_text(message.end().satisfaction() < 0 ? "I am sorry. A colleague will call you."
                                                      : "Thank you, and good-bye.");
      return reply;
  }
}

}  // namespace server::orders
