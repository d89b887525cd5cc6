// Pages of a list (AIP-158). The request of any list method has the fields `page_size` (int32) and
// `page_token` (string). Pure functions; any thread.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/status.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace server {

struct Page {
  int64_t cursor = 0;  // what was given to MakePageToken, 0 for the first page
  int size = 0;        // 1 to 100
};

// Reads the page that a request asks for. INVALID_ARGUMENT for a negative size, and for a token
// that is none of ours or was made for a request with other conditions.
grpc::Status ParsePage(const google::protobuf::Message& request, int default_size, Page* page);

// The token for the next page of the same request.
std::string MakePageToken(const google::protobuf::Message& request, int64_t cursor);

// The page of those `values` for which `matches` is true, highest key first, and in `*next_cursor`
// the cursor of the page after it, 0 if this is the last. New values do not shift later pages.
template <typename Value, typename Matches>
std::vector<const Value*> FindNewestFirst(const std::map<int64_t, Value>& values, const Page& page,
                                          const Matches& matches, int64_t* next_cursor) {
  std::vector<const Value*> found;
  int64_t last = 0;
  *next_cursor = 0;
  auto it = page.cursor == 0 ? values.end() : values.lower_bound(page.cursor);
  while (it != values.begin()) {
    --it;
    if (!matches(it->second)) continue;
    if (std::cmp_equal(found.size(), page.size)) {
      *next_cursor = last;
      break;
    }
    found.push_back(&it->second);
    last = it->first;
  }
  return found;
}

}  // namespace server
