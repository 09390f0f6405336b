// SPDX-License-Identifier: Apache-2.0
#include "option_text.hpp"

namespace gantry {
namespace {

// Joins pieces with commas, which they must not hold themselves.
class Joined {
 public:
  explicit Joined(Reader& reader) : reader_(reader) {}

  void add(const std::string& front, const Cursor& item) {
    const auto piece = reader_.text(item);
    if (!piece) {
      whole_ = false;
      return;
    }
    if ((front + piece->text).find(',') != std::string::npos) {
      whole_ = false;
      reader_.problem(item, "holds a comma, which would split it");
    }
    out_.inserted = out_.inserted || piece->inserted;
    out_.text += (out_.text.empty() ? "" : ",") + front + piece->text;
  }

  std::optional<Interpolated> take() {
    if (!whole_) return std::nullopt;
    return out_;
  }

 private:
  Reader& reader_;
  Interpolated out_;
  bool whole_ = true;
};

}  // namespace

std::optional<Interpolated> option_text(Reader& reader, const Cursor& value) {
  Joined joined(reader);
  if (value.node.kind == YamlNode::Kind::sequence) {
    reader.items(value, [&](const Cursor& item) { joined.add("", item); });
    return joined.take();
  }
  if (value.node.kind == YamlNode::Kind::map) {
    reader.entries(value, [&](const YamlNode& key, const Cursor& item) {
      if (key.text.find(':') != std::string::npos) {
        reader.problem(key.place, item.path, "a key must not hold a colon");
      }
      joined.add(key.text + ':', item);
    });
    return joined.take();
  }
  return reader.text(value);
}

}  // namespace gantry
