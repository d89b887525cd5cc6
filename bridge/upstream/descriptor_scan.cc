#include "bridge/upstream/descriptor_scan.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <string>

#include "bridge/telemetry/wire.h"

namespace bridge::upstream {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::FileDescriptorProto;
using ::google::protobuf::MessageFactory;
using telemetry::WireField;
using telemetry::WireReader;
using telemetry::WireType;

constexpr int kMaxDepth = 100;  // protobuf's own
// Lists double as they grow, so each element counts for two places.
constexpr size_t kElementBytes = 2 * sizeof(void*) + sizeof(size_t);  // and its allocation
constexpr size_t kTextBytes = sizeof(std::string) + kElementBytes;
constexpr size_t kPackedNumberBytes = 2 * sizeof(int32_t);
constexpr size_t kUnknownNumberBytes = 2 * 2 * sizeof(uint64_t);
constexpr size_t kUnreadableOptionsFactor = 24;

// Adds up what a message takes in memory.
class Scale final {
 public:
  explicit Scale(size_t max_bytes) : max_bytes_(max_bytes) {}

  size_t bytes() const { return bytes_; }
  bool over() const { return bytes_ > max_bytes_; }

  // False if the message is damaged; true and over() if it is too heavy to weigh on.
  bool Weigh(std::string_view message, const Descriptor& type, int depth = 0) {
    if (depth > kMaxDepth) return false;
    bytes_ += MessageFactory::generated_factory()->GetPrototype(&type)->SpaceUsedLong();
    bytes_ += kElementBytes;
    WireReader reader(message);
    for (WireField field; !over() && reader.Next(&field);) {
      if (!WeighField(field, type, depth)) return false;
    }
    if (reader.ok()) return true;
    // Custom options may have groups, which the reader does not know.
    bytes_ += message.size() * kUnreadableOptionsFactor;
    return type.extension_range_count() > 0;
  }

 private:
  bool WeighField(const WireField& field, const Descriptor& type, int depth) {
    if (field.type != WireType::kBytes) {
      bytes_ += kUnknownNumberBytes;
      return true;
    }
    const FieldDescriptor* known = type.FindFieldByNumber(static_cast<int>(field.number));
    if (known != nullptr && known->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      return Weigh(field.bytes, *known->message_type(), depth + 1);
    }
    const bool packed = known != nullptr && known->is_packable();
    bytes_ += packed ? field.bytes.size() * kPackedNumberBytes : kTextBytes + field.bytes.size();
    return true;
  }

  const size_t max_bytes_;
  size_t bytes_ = 0;
};

bool IsDeclaration(uint32_t number) {
  return number == FileDescriptorProto::kMessageTypeFieldNumber ||
         number == FileDescriptorProto::kEnumTypeFieldNumber ||
         number == FileDescriptorProto::kServiceFieldNumber ||
         number == FileDescriptorProto::kExtensionFieldNumber;
}

}  // namespace

std::optional<DescriptorScan> ScanDescriptor(std::string_view bytes, size_t max_parsed_bytes) {
  Scale scale(max_parsed_bytes);
  if (!scale.Weigh(bytes, *FileDescriptorProto::descriptor())) return std::nullopt;
  DescriptorScan scan{.parsed_bytes = scale.bytes()};
  WireReader reader(bytes);
  for (WireField field; reader.Next(&field);) {
    if (field.Is(FileDescriptorProto::kNameFieldNumber, WireType::kBytes)) scan.name = field.bytes;
    scan.declares = scan.declares || IsDeclaration(field.number);
    if (!scale.over() && field.Is(FileDescriptorProto::kDependencyFieldNumber, WireType::kBytes)) {
      scan.imports.push_back(field.bytes);
    }
  }
  return scan;
}

}  // namespace bridge::upstream
