// fuzz_seeds FOLDER SHOP   writes the first inputs of each fuzzer to FOLDER/<fuzzer>/: random
// messages of the kinds proto in each form, and the files of the shop (a FileDescriptorSet) and of
// the kinds proto.

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "google/protobuf/descriptor.pb.h"
#include "tests/fuzz/property.h"
#include "tests/schema/random_wire.h"
#include "tests/schema/strict_form.h"

namespace bridge::fuzz {
namespace {

constexpr unsigned kMessages = 40;

class Seeds {
 public:
  explicit Seeds(const std::filesystem::path& folder) : folder_(folder) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }

  void Add(const std::string& bytes) {
    std::ofstream(folder_ / std::to_string(++count_), std::ios::binary) << bytes;
  }

 private:
  const std::filesystem::path folder_;
  int count_ = 0;
};

void WriteMessages(const std::filesystem::path& folder) {
  Seeds texts(folder / "json_to_wire"), encodings(folder / "wire_to_json"),
      arguments(folder / "strict_to_wire"), streams(folder / "stream_to_wire");
  for (size_t i = 0; i < Subjects().size(); ++i) {
    const Subject& subject = Subjects()[i];
    const std::string choice(1, static_cast<char>(i));
    for (unsigned seed = 1; seed <= kMessages; ++seed) {
      const std::string wire = schema::RandomWire(seed).Message(*subject.message);
      std::string json, result;
      transcode::CodecError error;
      Check(subject.codec->WireToJson(*subject.plan, wire, &json, &error) &&
                subject.codec->WireToStructured(*subject.plan, wire, &result, &error),
            "a random message", error);
      encodings.Add(choice + wire);
      texts.Add(choice + json);
      const std::string limit = R"("stream_limit":{"messages":3,"seconds":"4"})";
      streams.Add(choice + json);
      streams.Add(choice + "{" + limit + (result == "{}" ? "" : ",") + result.substr(1));
      streams.Add(choice + R"({"messages":[)" + result + ",{}," + result + "]," + limit + "}");
      arguments.Add(choice + schema::StrictForm::Arguments(*subject.message,
                                                           nlohmann::ordered_json::parse(result))
                                 .dump());
    }
  }
}

void WriteDescriptors(const std::filesystem::path& folder, const char* shop) {
  Seeds seeds(folder / "descriptor_to_schema");
  google::protobuf::FileDescriptorSet all;
  std::ifstream file(shop, std::ios::binary);
  if (!all.ParseFromIstream(&file)) throw std::runtime_error(std::string(shop) + " is no set");
  for (const auto& one : all.file()) {
    google::protobuf::FileDescriptorSet set;
    *set.add_file() = one;
    seeds.Add(set.SerializeAsString());
  }
  for (auto& one : *all.mutable_file()) one.clear_source_code_info();
  seeds.Add(all.SerializeAsString());
  for (const char* const text : {transcode::kKindsProto, transcode::kProto2}) {
    google::protobuf::FileDescriptorSet set;
    for (const auto& one : descriptor::CompileText(text)) {
      *set.add_file() = one;
      set.mutable_file()->rbegin()->clear_source_code_info();
    }
    seeds.Add(set.SerializeAsString());
  }
}

}  // namespace
}  // namespace bridge::fuzz

int main(int argc, char** argv) {
  if (argc != 3) return 1;
  bridge::fuzz::WriteMessages(argv[1]);
  bridge::fuzz::WriteDescriptors(argv[1], argv[2]);
  return 0;
}
