#include "bridge/transcode/codec.h"

#include <utility>

#include "bridge/descriptor/well_known.h"
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
        ArgumentForm argument_form, descriptor::ZeroValues zeros,
        std::shared_ptr<const AnyTypes> others, std::shared_ptr<UnknownTypes> unknown)
      : plans(std::move(graph), std::move(others), std::move(unknown)),
        limits(codec_limits),
        form(argument_form),
        zero_values(zeros) {}

  PlanSet plans;
  CodecLimits limits;
  ArgumentForm form;
  descriptor::ZeroValues zero_values;
};

Codec::Codec() = default;
Codec::~Codec() = default;

std::shared_ptr<const Codec> Codec::Make(std::shared_ptr<const descriptor::Graph> graph,
                                         CodecLimits limits, ArgumentForm form,
                                         descriptor::ZeroValues zero_values,
                                         std::shared_ptr<const AnyTypes> others,
                                         std::shared_ptr<UnknownTypes> unknown) {
  std::shared_ptr<Codec> codec(new Codec);
  codec->state_ = std::make_unique<State>(std::move(graph), limits, form, zero_values,
                                          std::move(others), std::move(unknown));
  return codec;
}

const CodecLimits& Codec::limits() const {
  return state_->limits;
}

const Plan* Codec::Compile(const descriptor::Message& message) const {
  return state_->plans.Compile(message);
}

const Plan* Codec::Find(std::string_view full_name) const {
  return state_->plans.FindOrAskFor(full_name);
}

void Codec::AddTo(AnyTypes* types) const {
  types->Add(state_->plans.graph(), &state_->plans);
}

const Plan* Codec::CompileAnswer(const descriptor::Message& message,
                                 const descriptor::Method* method) const {
  using descriptor::ZeroValues;
  const ZeroValues values = state_->zero_values;
  const PlanRole role = values == ZeroValues::kAll ? PlanRole::kAllZeros
                        : descriptor::WritesZeros(message, true, values, method)
                            ? PlanRole::kTopZeros
                            : PlanRole::kPlain;
  return state_->plans.Compile(message, role);
}

bool Codec::JsonToWire(const Plan& plan, std::string_view json, const ParseOptions& options,
                       std::string* wire, CodecError* error) const {
  return ReadJson(plan, Dialect::kProtoJson, json, options, wire, error);
}

// Only what has failed is read again, to find what else is wrong with it.
bool Codec::ReadJson(const Plan& plan, Dialect dialect, std::string_view json,
                     const ParseOptions& options, std::string* wire, CodecError* error) const {
  Scratch& scratch = ThreadScratch();
  const bool wrapped = dialect == Dialect::kTool && descriptor::NeedsWrapping(*plan.message);
  const auto run = [&](ToWire&& pass) {
    const bool done = wrapped ? pass.RunWrapped(plan, json) : pass.Run(plan, json);
    return Deliver(done, pass, state_->limits, &scratch, wire, error);
  };
  const auto pass = [&](ToWire::Faults faults) {
    return run(ToWire(&state_->plans, state_->limits, dialect, options, faults, &scratch));
  };
  return pass(ToWire::Faults::kFirst) || pass(ToWire::Faults::kSeveral);
}

bool Codec::WireToJson(const Plan& plan, std::string_view wire, std::string* json,
                       CodecError* error) const {
  return WriteJson(plan, Dialect::kProtoJson, wire, json, error);
}

bool Codec::WriteJson(const Plan& plan, Dialect dialect, std::string_view wire, std::string* json,
                      CodecError* error) const {
  Scratch& scratch = ThreadScratch();
  const bool wrapped = dialect == Dialect::kTool && descriptor::NeedsWrapping(*plan.message);
  const auto run = [&](ToJson&& pass) {
    const bool done = wrapped ? pass.RunWrapped(plan, wire) : pass.Run(plan, wire);
    return Deliver(done, pass, state_->limits, &scratch, json, error);
  };
  const auto pass = [&](ToJson::Pass which) {
    return run(ToJson(&state_->plans, state_->limits, dialect, which, &scratch));
  };
  return pass(ToJson::Pass::kOrdered) || pass(ToJson::Pass::kCareful);
}

bool Codec::ArgumentsToWire(const Plan& plan, std::string_view json, std::string* wire,
                            CodecError* error, const ParseOptions& options) const {
  if (json.empty()) json = "{}";
  if (state_->form == ArgumentForm::kStrict) [[unlikely]] {
    std::string proto_json;
    return StrictToProtoJson(plan, json, state_->limits.max_depth, &proto_json, error) &&
           ReadJson(plan, Dialect::kTool, proto_json, options, wire, error);
  }
  return ReadJson(plan, Dialect::kTool, json, options, wire, error);
}

bool Codec::WireToStructured(const Plan& plan, std::string_view wire, std::string* json,
                             CodecError* error) const {
  return WriteJson(plan, Dialect::kTool, wire, json, error);
}

}  // namespace bridge::transcode
