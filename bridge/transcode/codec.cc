#include "bridge/transcode/codec.h"

#include <utility>

#include "bridge/transcode/failure.h"
#include "bridge/transcode/plan.h"
#include "bridge/transcode/scratch.h"
#include "bridge/transcode/strict_arguments.h"
#include "bridge/transcode/to_json.h"
#include "bridge/transcode/to_wire.h"

namespace bridge::transcode {
namespace {

using descriptor::WellKnown;

Scratch& ThreadScratch() {
  thread_local Scratch scratch;
  return scratch;
}

// Hands the result of one conversion over.
template <typename Conversion>
bool Deliver(bool done, const Conversion& conversion, const CodecLimits& limits, Scratch* scratch,
             std::string* out, CodecError* error) {
  if (done) {
    out->append(scratch->out.view());
  } else {
    *error = conversion.failure().ToError(limits.max_faults);
    error->too_large = scratch->out.over_limit();
  }
  scratch->Shrink();
  return done;
}

}  // namespace

struct Codec::State {
  State(std::shared_ptr<const descriptor::Graph> graph, CodecLimits codec_limits,
        ArgumentForm argument_form)
      : plans(std::move(graph)), limits(codec_limits), form(argument_form) {}

  PlanSet plans;
  CodecLimits limits;
  ArgumentForm form;
};

Codec::Codec() = default;
Codec::~Codec() = default;

std::shared_ptr<const Codec> Codec::Make(std::shared_ptr<const descriptor::Graph> graph,
                                         CodecLimits limits, ArgumentForm form) {
  std::shared_ptr<Codec> codec(new Codec);
  codec->state_ = std::make_unique<State>(std::move(graph), limits, form);
  return codec;
}

const Plan* Codec::Compile(const descriptor::Message& message) const {
  return state_->plans.Compile(message);
}

const Plan* Codec::Find(std::string_view full_name) const {
  return state_->plans.FindByTypeName(full_name);
}

bool Codec::JsonToWire(const Plan& plan, std::string_view json, const ParseOptions& options,
                       std::string* wire, CodecError* error) const {
  return ReadJson(plan, false, json, options, wire, error);
}

// Only what has failed is read again, to find what else is wrong with it.
bool Codec::ReadJson(const Plan& plan, bool wrapped, std::string_view json,
                     const ParseOptions& options, std::string* wire, CodecError* error) const {
  Scratch& scratch = ThreadScratch();
  const auto run = [&](ToWire&& pass) {
    const bool done = wrapped ? pass.RunWrapped(plan, json) : pass.Run(plan, json);
    return Deliver(done, pass, state_->limits, &scratch, wire, error);
  };
  return run(ToWire(&state_->plans, state_->limits, options, ToWire::Faults::kFirst, &scratch)) ||
         run(ToWire(&state_->plans, state_->limits, options, ToWire::Faults::kSeveral, &scratch));
}

bool Codec::WireToJson(const Plan& plan, std::string_view wire, std::string* json,
                       CodecError* error) const {
  return WriteJson(plan, false, wire, json, error);
}

bool Codec::WriteJson(const Plan& plan, bool wrapped, std::string_view wire, std::string* json,
                      CodecError* error) const {
  Scratch& scratch = ThreadScratch();
  const auto run = [&](ToJson&& pass) {
    const bool done = wrapped ? pass.RunWrapped(plan, wire) : pass.Run(plan, wire);
    return Deliver(done, pass, state_->limits, &scratch, json, error);
  };
  return run(ToJson(&state_->plans, state_->limits, ToJson::Pass::kOrdered, &scratch)) ||
         run(ToJson(&state_->plans, state_->limits, ToJson::Pass::kCareful, &scratch));
}

bool Codec::ArgumentsToWire(const Plan& plan, std::string_view json, std::string* wire,
                            CodecError* error, const ParseOptions& options) const {
  if (json.empty()) json = "{}";
  const bool wrapped = NeedsWrapping(*plan.message);
  if (state_->form == ArgumentForm::kStrict) [[unlikely]] {
    std::string proto_json;
    return StrictToProtoJson(plan, json, state_->limits.max_depth, &proto_json, error) &&
           ReadJson(plan, wrapped, proto_json, options, wire, error);
  }
  return ReadJson(plan, wrapped, json, options, wire, error);
}

bool Codec::WireToStructured(const Plan& plan, std::string_view wire, std::string* json,
                             CodecError* error) const {
  return WriteJson(plan, NeedsWrapping(*plan.message), wire, json, error);
}

bool NeedsWrapping(const descriptor::Message& message) {
  switch (message.well_known) {
    case WellKnown::kNone:
    case WellKnown::kStruct:
    case WellKnown::kAny:
    case WellKnown::kEmpty:
      return false;
    default:
      return true;
  }
}

}  // namespace bridge::transcode
