// Sentences about messages and fields that no schema keyword can say to every vendor.
// Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "bridge/descriptor/graph.h"
#include "bridge/schema/leaf.h"

namespace bridge::schema {

// "Set at most one of: card, iban." for each oneof and each such rule, and the rules in words.
std::string MessageConstraints(const descriptor::Message& message);

// True if `text` says that what it is about is deprecated, so that no note has to.
bool SaysDeprecated(std::string_view text);

// `text` with the names of fields of `message` as `direction` spells them: comments speak of
// page_token, arguments of pageToken. Only names with a '_' are touched.
std::string WithPropertyNames(std::string_view text, const descriptor::Message& message,
                              Direction direction);

// How much of a comment is said; each less than the next.
enum class Comments { kNone, kFirstSentence, kShort, kWhole };
std::string Shortened(std::string_view comment, Comments detail);

// The service's name without the suffix "Service".
std::string_view ShortServiceName(const descriptor::Service& service);

// "createOrderItem" or "CreateOrderItem" or "create_order_item" as "Create Order Item".
std::string ToTitle(std::string_view identifier);

}  // namespace bridge::schema
