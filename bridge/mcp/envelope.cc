#include "bridge/mcp/envelope.h"

#include "bridge/base/json_text.h"
#include "bridge/mcp/results.h"

namespace bridge::mcp {
namespace {

using jsonrpc::ErrorCode;

void Refuse(ErrorCode code, std::string problem, Envelope* envelope) {
  envelope->fault = code;
  envelope->problem = std::move(problem);
}

void ReadModern(Envelope* envelope) {
  envelope->modern = true;
  if (!envelope->meta.valid_envelope) {
    return Refuse(ErrorCode::kInvalidParams, "Invalid params: " + envelope->meta.problem, envelope);
  }
  const Revision* const revision = FindRevision(envelope->meta.version);
  if (revision == nullptr || !revision->modern) {
    return Refuse(ErrorCode::kUnsupportedVersion, "Unsupported protocol version", envelope);
  }
  envelope->revision = revision;
}

}  // namespace

Envelope ReadEnvelope(const jsonrpc::Message& message, std::string_view version_header) {
  Envelope envelope;
  envelope.meta = ParseMeta(message);
  const Meta& meta = envelope.meta;
  const bool modern_header = !version_header.empty() && IsModernVersion(version_header);
  if (message.kind != jsonrpc::Kind::kRequest) {
    envelope.modern = meta.claims_modern || modern_header;
    return envelope;
  }
  // An initialize that names a legacy version in its envelope as well is a legacy handshake.
  const bool initialize = message.method == "initialize";
  if (meta.claims_modern &&
      (!initialize || (meta.valid_envelope && IsModernVersion(meta.version)))) {
    ReadModern(&envelope);
  } else if (modern_header && initialize) {
    Refuse(ErrorCode::kHeaderMismatch,
           "Header mismatch: initialize belongs to revisions before 2026-07-28, but "
           "MCP-Protocol-Version names a later one",
           &envelope);
  } else if (modern_header) {
    Refuse(ErrorCode::kInvalidParams, "Invalid params: " + meta.problem, &envelope);
  }
  return envelope;
}

std::string UnsupportedVersionData(std::string_view requested) {
  std::string data = "{\"supported\":";
  data.append(SupportedVersions()).append(",\"requested\":");
  AppendJsonString(&data, requested.substr(0, 128));
  data.push_back('}');
  return data;
}

}  // namespace bridge::mcp
