// Where conversions find the message types that an Any names and their own graph does not have: in
// the graphs of other codecs. Filled before the first conversion, const from then on: any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "bridge/descriptor/graph.h"

namespace bridge::transcode {

class Plan;
class PlanSet;
enum class PlanRole : uint8_t;

class AnyTypes final {
 public:
  // What is not here is looked for in `next`, which may be null.
  explicit AnyTypes(std::shared_ptr<const AnyTypes> next = nullptr) : next_(std::move(next)) {}

  // Adds the messages of `graph`, whose plans `plans` makes; of two of one name the first stays.
  // Both must outlive every conversion.
  void Add(const descriptor::Graph& graph, PlanSet* plans);

  bool Has(std::string_view full_name) const;
  // Null if there is none.
  const Plan* Find(std::string_view full_name, PlanRole role) const;

 private:
  struct Place {
    const descriptor::Message* message;
    PlanSet* plans;
  };

  static bool ByName(const Place& a, const Place& b);
  const Place* FindPlace(std::string_view full_name) const;

  std::shared_ptr<const AnyTypes> next_;
  std::vector<Place> places_;  // by name, each once: big APIs have ten thousands
};

}  // namespace bridge::transcode
