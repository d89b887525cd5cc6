// tools/list, from the pages that the surface has prepared.
#include <utility>

#include "bridge/mcp/methods.h"
#include "bridge/mcp/results.h"

namespace bridge::mcp {

Operation* ListTools(Request* request) {
  std::optional<std::string> cursor;
  if (request->message().Find("cursor") != nullptr) {
    cursor = request->FindText("cursor").value_or("");  // of another type: never a valid one
  }
  const Revision& revision = request->revision();
  const ListPage* page =
      request->core.surface->Page(revision.structured ? ListForm::kFull : ListForm::kPlain, cursor);
  if (page == nullptr) {
    request->Fail(jsonrpc::ErrorCode::kInvalidParams,
                  "Invalid cursor: it is not one of this list, or the list has changed; start "
                  "again without a cursor");
    return nullptr;
  }
  Reply reply;
  reply.head.reserve(128 + request->message().id.size());
  reply.tail.reserve(ServerMeta().size() + page->next_cursor.size() + 32);
  jsonrpc::AppendResultHead(&reply.head, request->message().id);
  reply.head.push_back('{');
  if (revision.modern) AppendCacheableHead(&reply.head, request->core.options.list_ttl_ms);
  reply.head.append("\"tools\":");
  reply.shared = page->tools;
  if (!page->next_cursor.empty()) {
    reply.tail.append(",\"nextCursor\":\"").append(page->next_cursor).append("\"");
  }
  if (revision.modern) reply.tail.append(",").append(ServerMeta());
  reply.tail.append("}}");
  request->Succeed(std::move(reply));
  return nullptr;
}

}  // namespace bridge::mcp
