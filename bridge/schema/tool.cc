#include "bridge/schema/tool.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "bridge/base/markdown.h"
#include "bridge/base/text.h"
#include "bridge/descriptor/streaming.h"
#include "bridge/descriptor/well_known.h"
#include "bridge/schema/annotations.h"
#include "bridge/schema/field_notes.h"
#include "bridge/schema/json_object.h"
#include "bridge/schema/schema.h"
#include "bridge/schema/texts.h"

namespace bridge::schema {
namespace {

using descriptor::Field;
using descriptor::Kind;
using descriptor::Message;
using descriptor::Method;

// False if a zero that was given cannot be told from nothing.
bool ShowsOnWire(const Field& field) {
  return field.presence || field.repeated || field.kind == Kind::kString ||
         field.kind == Kind::kBytes;
}

const Field* FindPageToken(const Message& message, std::string_view name) {
  const Field* field = message.FindField(name);
  return field != nullptr && field->kind == Kind::kString && !field->repeated ? field : nullptr;
}

// AIP-158.
std::string Pagination(const Method& method) {
  const Field* token = FindPageToken(*method.input, "page_token");
  const Field* next = FindPageToken(*method.output, "next_page_token");
  if (token == nullptr || next == nullptr) return {};
  return "Paginated: pass " + next->json_name + " as " + token->input_key +
         " to get the next page.";
}

std::string StreamNotes(const Method& method) {
  const descriptor::Streaming streaming = descriptor::StreamingOf(method);
  std::string text;
  if (streaming.shape == descriptor::Shape::kClientStream) {
    text = "Sends all messages as a stream, in their order.";
  } else if (streaming.shape == descriptor::Shape::kBidi) {
    text = "Sends all messages as a stream, in their order, without waiting for answers.";
  }
  if (streaming.answers()) {
    AddSentence(&text,
                "The answer is a stream, returned as a whole when it ends or reaches a "
                "limit; set " +
                    streaming.limit_key + " if it may not end by itself.");
  }
  return text;
}

std::string Behavior(const Method& method, const OperationTools& operations) {
  const bool streams = method.client_streaming || method.server_streaming;
  std::string text = streams ? StreamNotes(method) : Pagination(method);
  AddSentence(&text, OperationNotes(method, operations));
  return text;
}

// A description for a method without a comment: nothing but what its declaration says.
std::string DeclarationInWords(const Method& method) {
  std::string text = ToTitle(method.name) + ", a method of the " +
                     ToTitle(ShortServiceName(*method.service)) + " service.";
  AddSentence(&text, FirstSentence(method.service->comment));
  AddSentence(&text, method.output->fields.empty() && method.output->extensions.empty()
                         ? "Returns nothing."
                         : "Returns " + ToTitle(method.output->name) + ".");
  return text;
}

}  // namespace

std::string Describe(const Method& method, const SchemaOptions& options,
                     const OperationTools& operations) {
  std::string facts;
  // Those of a list's messages are beside them, in the schema.
  if (!descriptor::NeedsWrapping(*method.input) && !method.client_streaming) {
    facts = MessageConstraints(*method.input);
  }
  AddSentence(&facts, Behavior(method, operations));
  facts = CutText(facts, options.max_tool_description / 2);
  constexpr std::string_view kDeprecated = "Deprecated. ";
  const bool deprecated = method.deprecated || method.service->deprecated;
  // A full stop and a space may come between.
  const size_t used =
      (deprecated ? kDeprecated.size() : 0) + (facts.empty() ? 0 : facts.size() + 2);
  const size_t room = options.max_tool_description - std::min(options.max_tool_description, used);
  std::string text =
      CutMarkdown(WithPropertyNames(method.comment, *method.input, Direction::kInput), room);
  if (text.empty()) text = CutText(DeclarationInWords(method), room);
  if (deprecated && !SaysDeprecated(text)) text.insert(0, kDeprecated);
  if (text.find('\n') == std::string::npos) {
    AddSentence(&text, facts);
  } else if (!facts.empty()) {
    text += '\n' + facts;
  }
  return text;
}

void UseWholeComments(SchemaOptions* options) {
  options->whole_comments = true;
  options->max_field_description = 1'000;
  // Clients cut a tool's description at about 2,000.
  options->max_tool_description = 2'000;
}

Tool MakeTool(const Method& method, const SchemaOptions& options) {
  Tool tool;
  tool.title = method.title.empty() ? ToTitle(method.name) : method.title;
  tool.description = Describe(method, options);
  tool.input_schema = MakeSchema(*method.input, Direction::kInput, options, &method);
  tool.output_schema = MakeSchema(*method.output, Direction::kOutput, options, &method);
  tool.annotations = MakeAnnotations(method);
  if (method.client_streaming) return tool;
  for (const Field& field : method.input->fields) {
    if (field.IsArgument() && ShowsOnWire(field) && IsRequired(field, *method.input, false)) {
      tool.required.push_back(&field);
    }
  }
  return tool;
}

}  // namespace bridge::schema
