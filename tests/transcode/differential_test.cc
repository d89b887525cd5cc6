// The codec against libprotobuf 3.21 on random messages, where that library is right: its wire
// format always, its JSON for everything but groups and extensions. Fixed seeds.

#include <cmath>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "tests/transcode/codec_case.h"
#include "tests/transcode/kinds_proto.h"

namespace bridge::transcode {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Fills messages with values that have a JSON form.
class RandomMessage {
 public:
  explicit RandomMessage(uint64_t seed, bool negative_durations = true)
      : random_(seed), negative_durations_(negative_durations) {}

  void Fill(Message* message, int depth) {
    const Descriptor& type = *message->GetDescriptor();
    const std::string& name = type.full_name();
    const Reflection& reflection = *message->GetReflection();
    if (name == "google.protobuf.Timestamp" || name == "google.protobuf.Duration") {
      const bool timestamp = name == "google.protobuf.Timestamp";
      const int64_t range = timestamp ? 253402300800 : 315576000001;
      int64_t seconds = static_cast<int64_t>(random_() % static_cast<uint64_t>(range));
      auto nanos = static_cast<int32_t>(Chance(2) ? 0 : random_() % 1000000000);
      // Merging takes the parts of a duration one by one: with one sign it stays a duration.
      if (!timestamp && negative_durations_ && Chance(2)) {
        seconds = -seconds;
        nanos = -nanos;
      }
      reflection.SetInt64(message, type.FindFieldByNumber(1), seconds);
      reflection.SetInt32(message, type.FindFieldByNumber(2), nanos);
      return;
    }
    if (name == "google.protobuf.FieldMask") {
      for (const char* path : {"foo_bar", "a.b_c", "x"}) {
        if (Chance(2)) reflection.AddString(message, type.FindFieldByNumber(1), path);
      }
      return;
    }
    if (name == "google.protobuf.Any") return;
    if (name == "google.protobuf.Value") {
      // Exactly one kind; a container only while there is room.
      Set(message, type.FindFieldByNumber(1 + static_cast<int>(random_() % (depth > 0 ? 6 : 4))),
          depth, true);
      return;
    }
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor* const field = type.field(i);
      // A Value without a kind has no JSON form; every other message may be left out.
      if (depth <= 0 && field->message_type() != nullptr &&
          field->message_type()->full_name() != "google.protobuf.Value") {
        continue;
      }
      if (field->is_repeated()) {
        for (uint64_t n = Chance(2) ? 0 : random_() % 4; n > 0; --n)
          Set(message, field, depth, false);
      } else if (type.options().map_entry() || Chance(3)) {
        Set(message, field, depth, false);
      }
    }
  }

 private:
  bool Chance(uint64_t one_in) { return random_() % one_in == 0; }

  int64_t Integer() {
    static constexpr int64_t kEdges[] = {
        0, 1, -1, 2147483647, -2147483648, 9007199254740993, INT64_MAX, INT64_MIN, 127, 128, 16384};
    return Chance(2) ? kEdges[random_() % std::size(kEdges)] : static_cast<int64_t>(random_());
  }
  double Double(bool finite) {
    static const double kEdges[] = {0.0, -0.0, 0.1, -2.5, 1e300, 5e-324, 1e15, 123456.789, 1e-7};
    if (!finite && Chance(10)) return Chance(2) ? NAN : -INFINITY;
    return Chance(2) ? kEdges[random_() % std::size(kEdges)]
                     : static_cast<double>(static_cast<int64_t>(random_())) / 1e9;
  }
  std::string Text() {
    static constexpr const char* kPieces[] = {
        "a",    "plain words", "\"",  "\\", "\n",           "\t", "\x01",
        "\x7F", "\xC3\xA9",    "<&>", "/",  "\xE2\x80\xA8", "'",  "\xF0\x9F\x98\x80"};
    std::string text;
    for (uint64_t n = random_() % 6; n > 0; --n) text += kPieces[random_() % std::size(kPieces)];
    return text;
  }

  void Set(Message* message, const FieldDescriptor* field, int depth, bool finite) {
    const Reflection& reflection = *message->GetReflection();
    const bool many = field->is_repeated();
    switch (field->cpp_type()) {
#define SET(Type, value)                                    \
  return many ? reflection.Add##Type(message, field, value) \
              : reflection.Set##Type(message, field, value)
      case FieldDescriptor::CPPTYPE_INT32:
        SET(Int32, static_cast<int32_t>(Integer()));
      case FieldDescriptor::CPPTYPE_INT64:
        SET(Int64, Integer());
      case FieldDescriptor::CPPTYPE_UINT32:
        SET(UInt32, static_cast<uint32_t>(Integer()));
      case FieldDescriptor::CPPTYPE_UINT64:
        SET(UInt64, static_cast<uint64_t>(Integer()));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        SET(Double, Double(finite));
      case FieldDescriptor::CPPTYPE_FLOAT:
        SET(Float, static_cast<float>(Double(true) / (Chance(2) ? 1 : 1e280)));
      case FieldDescriptor::CPPTYPE_BOOL:
        SET(Bool, Chance(2));
      case FieldDescriptor::CPPTYPE_STRING:
        SET(String, Text());
      case FieldDescriptor::CPPTYPE_ENUM: {
        const auto& values = *field->enum_type();
        const auto i = static_cast<int>(random_() % static_cast<uint64_t>(values.value_count()));
        SET(EnumValue, values.value(i)->number());
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Fill(many ? reflection.AddMessage(message, field)
                  : reflection.MutableMessage(message, field),
             depth - 1);
#undef SET
    }
  }

  std::mt19937_64 random_;
  bool negative_durations_;
};

// A DynamicMessage keeps map entries with equal keys until somebody looks: the last one counts.
void DropRepeatedKeys(Message* message) {
  const Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* const field : fields) {
    if (field->message_type() == nullptr) continue;
    if (!field->is_repeated()) {
      DropRepeatedKeys(reflection.MutableMessage(message, field));
      continue;
    }
    std::map<std::string, int> last;
    std::vector<std::unique_ptr<Message>> entries;
    for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
      Message* const entry = reflection.MutableRepeatedMessage(message, field, i);
      DropRepeatedKeys(entry);
      entries.emplace_back(entry->New());
      entries.back()->CopyFrom(*entry);
      std::string key = std::to_string(i);
      if (field->is_map()) {
        google::protobuf::TextFormat::PrintFieldValueToString(
            *entry, field->message_type()->map_key(), -1, &key);
      }
      last[key] = i;
    }
    reflection.ClearField(message, field);
    std::set<int> kept;
    for (const auto& [key, i] : last) kept.insert(i);
    for (const int i : kept) {
      reflection.AddMessage(message, field)->CopyFrom(*entries[static_cast<size_t>(i)]);
    }
  }
}

class DifferentialTest : public testing::Test {
 protected:
  DifferentialTest() : ours_(kKindsProto) {
    for (const auto& file : descriptor::CompileText(kKindsProto)) {
      if (pool_.BuildFile(file) == nullptr) throw std::runtime_error(file.name());
    }
    prototype_ = factory_.GetPrototype(pool_.FindMessageTypeByName("t.Kinds"));
  }

  std::unique_ptr<Message> New() const { return std::unique_ptr<Message>(prototype_->New()); }
  std::unique_ptr<Message> Parse(const std::string& wire) const {
    std::unique_ptr<Message> message = New();
    if (!message->ParseFromString(wire)) return nullptr;
    return message;
  }
  // Serialised forms are equal for equal messages once maps are sorted; and
  // unlike MessageDifferencer they take NaN for NaN.
  static std::string Canonical(const Message& message) {
    std::string bytes;
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializePartialToCodedStream(&coded);
    coded.Trim();
    return bytes;
  }

  // The canonical form of what a JSON text means, or why it was refused.
  std::string ReadByUs(const std::string& json) const {
    const std::string wire = ours_.Wire("t.Kinds", json);
    const std::unique_ptr<Message> message = Parse(wire);
    return message == nullptr ? wire : Canonical(*message);
  }
  std::string ReadByThem(const std::string& json) const {
    const std::unique_ptr<Message> message = New();
    const auto status = google::protobuf::util::JsonStringToMessage(json, message.get());
    return status.ok() ? Canonical(*message) : status.ToString();
  }

  CodecCase ours_;
  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
  const Message* prototype_;
};

TEST_F(DifferentialTest, RandomMessagesMeanTheSameToBoth) {
  for (uint64_t seed = 1; seed <= 1500; ++seed) {
    const std::unique_ptr<Message> message = New();
    RandomMessage(seed).Fill(message.get(), 3);
    const std::string our_json = ours_.Json("t.Kinds", message->SerializeAsString());
    DropRepeatedKeys(message.get());
    const std::string expected = Canonical(*message);
    std::string their_json;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(*message, &their_json).ok());
    EXPECT_TRUE(ReadByUs(our_json) == expected) << seed << " " << our_json;
    EXPECT_TRUE(ReadByThem(our_json) == expected) << seed << " " << our_json;
    EXPECT_TRUE(ReadByUs(their_json) == expected) << seed << " " << their_json;
  }
}

// Two encodings after each other are one message: the wire format's own rule of merging.
TEST_F(DifferentialTest, ConcatenatedMessagesMerge) {
  for (uint64_t seed = 1; seed <= 1000; ++seed) {
    std::string wire;
    for (uint64_t part = 0; part < 3; ++part) {
      const std::unique_ptr<Message> message = New();
      RandomMessage(3 * seed + part, false).Fill(message.get(), 2);
      wire += message->SerializeAsString();
    }
    const std::unique_ptr<Message> merged = Parse(wire);
    ASSERT_NE(merged, nullptr);
    DropRepeatedKeys(merged.get());
    const std::string json = ours_.Json("t.Kinds", wire);
    EXPECT_TRUE(ReadByUs(json) == Canonical(*merged)) << seed << " " << json;
  }
}

}  // namespace
}  // namespace bridge::transcode
