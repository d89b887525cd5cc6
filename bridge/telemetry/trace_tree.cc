#include "bridge/telemetry/trace_tree.h"

#include <algorithm>
#include <map>

namespace bridge::telemetry {
namespace {

struct Node {
  const RecentSpan* recent;
  std::vector<size_t> children;
  bool shown = false;
};

class TreeBuilder final {
 public:
  explicit TreeBuilder(const RecentTrace& trace) {
    for (const RecentSpan& recent : trace.spans) {
      if (index_.emplace(recent.span->context.span_id, nodes_.size()).second) {
        nodes_.push_back({&recent, {}});
      }
    }
  }

  std::vector<TraceRow> MakeRows() {
    std::vector<size_t> by_start(nodes_.size());
    for (size_t i = 0; i < by_start.size(); ++i) by_start[i] = i;
    std::sort(by_start.begin(), by_start.end(),
              [this](size_t a, size_t b) { return StartsEarlier(a, b); });
    std::vector<size_t> roots;
    for (size_t i : by_start) {
      const auto parent = index_.find(nodes_[i].recent->span->parent_span_id);
      if (parent == index_.end() || parent->second == i) {
        roots.push_back(i);
      } else {
        nodes_[parent->second].children.push_back(i);
      }
    }
    for (size_t root : roots) Show(root);
    // What is left are circles of parents: each is cut open at its earliest span.
    for (size_t i : by_start) Show(i);
    return std::move(rows_);
  }

 private:
  // Of two that start at once, the one that arrived first.
  bool StartsEarlier(size_t a, size_t b) const {
    const Clock::time_point start_a = nodes_[a].recent->span->start;
    const Clock::time_point start_b = nodes_[b].recent->span->start;
    return start_a != start_b ? start_a < start_b : a < b;
  }

  void Show(size_t root) {
    std::vector<std::pair<size_t, int>> stack = {{root, 0}};
    while (!stack.empty()) {
      const auto [i, depth] = stack.back();
      stack.pop_back();
      Node& node = nodes_[i];
      if (node.shown) continue;
      node.shown = true;
      const bool orphan = i == root && node.recent->span->parent_span_id != SpanId{};
      rows_.push_back({node.recent, depth, orphan});
      for (auto child = node.children.rbegin(); child != node.children.rend(); ++child) {
        stack.emplace_back(*child, std::min(depth + 1, kMaxTraceDepth));
      }
    }
  }

  std::map<SpanId, size_t> index_;
  std::vector<Node> nodes_;
  std::vector<TraceRow> rows_;
};

}  // namespace

TraceTree MakeTraceTree(const RecentTrace& trace) {
  TraceTree tree;
  tree.rows = TreeBuilder(trace).MakeRows();
  if (tree.rows.empty()) return tree;
  tree.start = Clock::time_point::max();
  tree.end = Clock::time_point::min();
  for (const TraceRow& row : tree.rows) {
    const SpanRecord& span = *row.recent->span;
    tree.start = std::min(tree.start, span.start);
    tree.end = std::max({tree.end, span.start, span.end});
    if (span.status == SpanStatus::kError) ++tree.errors;
    std::string service = row.recent->resource->service_name();
    if (std::find(tree.services.begin(), tree.services.end(), service) == tree.services.end()) {
      tree.services.push_back(std::move(service));
    }
  }
  return tree;
}

std::string TitleOf(const TraceTree& tree) {
  const auto name_of = [](const TraceRow& row) {
    const std::string& name = row.recent->span->name;
    return name.empty() ? std::string("(no name)") : name;
  };
  const std::vector<TraceRow>& rows = tree.rows;
  if (rows.empty()) return "(no spans)";
  std::string title = name_of(rows[0]);
  const bool wraps_next =
      rows.size() > 1 && rows[1].depth == 1 &&
      rows[1].recent->resource->service_name() == rows[0].recent->resource->service_name();
  const auto second_child = std::find_if(rows.begin() + (wraps_next ? 2 : 0), rows.end(),
                                         [](const TraceRow& row) { return row.depth <= 1; });
  if (wraps_next && (second_child == rows.end() || second_child->depth == 0)) {
    title += " \u203a " + name_of(rows[1]);
  }
  return title;
}

std::chrono::nanoseconds DurationOf(const SpanRecord& span) {
  return std::max<std::chrono::nanoseconds>(span.end - span.start, std::chrono::nanoseconds(0));
}

const char* KindName(SpanKind kind) {
  switch (kind) {
    case SpanKind::kInternal:
      return "internal";
    case SpanKind::kServer:
      return "server";
    case SpanKind::kClient:
      return "client";
    case SpanKind::kProducer:
      return "producer";
    case SpanKind::kConsumer:
      return "consumer";
    case SpanKind::kUnspecified:
      break;
  }
  return "unspecified";
}

const char* StatusName(SpanStatus status) {
  switch (status) {
    case SpanStatus::kOk:
      return "ok";
    case SpanStatus::kError:
      return "error";
    case SpanStatus::kUnset:
      break;
  }
  return "unset";
}

}  // namespace bridge::telemetry
