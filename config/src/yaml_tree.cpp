// SPDX-License-Identifier: Apache-2.0
#include "yaml_tree.hpp"

#include <simdjson.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <sstream>
#include <utility>

namespace gantry {
namespace {

Place place_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

// Follows the parser's events, so that the limits hold while a hostile text is read, not after.
class Builder final : public YAML::EventHandler {
 public:
  YamlNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) throw YamlError("there may be only one document", place_of(mark));
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add({.kind = YamlNode::Kind::null, .place = place_of(mark)}, anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    refuse_tag(mark, tag);
    add({.kind = YamlNode::Kind::scalar, .place = place_of(mark), .text = text}, anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::sequence);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::map);
  }
  void OnMapEnd() override { close(); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto named = anchors_.find(anchor);
    if (named == anchors_.end()) throw YamlError("an alias of what contains it", place_of(mark));
    count(named->second, open_.size(), place_of(mark));
    YamlNode copy = named->second;
    copy.place = place_of(mark);
    attach(std::move(copy));
  }

 private:
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor;
  };

  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag == "?" || tag == "!") return;  // the parser's words for "plain" and "quoted"
    throw YamlError("tags are not taken", place_of(mark));
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YamlNode::Kind kind) {
    refuse_tag(mark, tag);
    const Place place = place_of(mark);
    if (key_is_due()) throw YamlError("a key has to be text", place);
    if (open_.size() == kMaxYamlDepth) refuse_depth(place);
    open_.push_back({{.kind = kind, .place = place}, anchor});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    add(std::move(done.node), done.anchor);
  }

  // An anchored node is kept twice, so it counts twice.
  void add(YamlNode node, YAML::anchor_t anchor) {
    if (++nodes_ > kMaxYamlNodes) refuse_size(node.place);
    if (anchor != YAML::NullAnchor) {
      count(node, 0, node.place);
      anchors_[anchor] = node;
    }
    attach(std::move(node));
  }

  void attach(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    if (key_is_due() && node.kind != YamlNode::Kind::scalar) {
      throw YamlError("a key has to be text", node.place);
    }
    auto& parent = open_.back().node;
    // For the parser a value that is not there stands where the next thing does, lines away
    // perhaps.
    const bool absent = node.kind == YamlNode::Kind::null && parent.kind == YamlNode::Kind::map;
    if (absent) node.place = parent.keys.back().place;
    (key_is_due() ? parent.keys : parent.items).push_back(std::move(node));
  }

  bool key_is_due() const {
    if (open_.empty()) return false;
    const auto& parent = open_.back().node;
    return parent.kind == YamlNode::Kind::map && parent.keys.size() == parent.items.size();
  }

  // Counts a copy before it is made.
  void count(const YamlNode& node, std::size_t depth, Place place) {
    const bool nested = node.kind == YamlNode::Kind::sequence || node.kind == YamlNode::Kind::map;
    if (nested && depth == kMaxYamlDepth) refuse_depth(place);
    copied_bytes_ += node.text.size();
    nodes_ += 1 + node.keys.size();
    if (nodes_ > kMaxYamlNodes || copied_bytes_ > kMaxYamlSize) refuse_size(place);
    for (const auto& key : node.keys) copied_bytes_ += key.text.size();
    for (const auto& item : node.items) count(item, depth + 1, place);
  }

  [[noreturn]] static void refuse_depth(Place place) {
    throw YamlError("it is nested deeper than 32", place);
  }
  [[noreturn]] static void refuse_size(Place place) {
    throw YamlError("it has more than 100000 nodes or 1 MiB, aliases expanded", place);
  }

  YamlNode root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  std::size_t nodes_ = 0;
  std::size_t copied_bytes_ = 0;
  int documents_ = 0;
};

}  // namespace

YamlNode parse_yaml(std::string_view text) {
  if (text.size() > kMaxYamlSize) throw YamlError("it is larger than 1 MiB", {});
  if (!simdjson::validate_utf8(text.data(), text.size())) throw YamlError("it is not UTF-8", {});
  std::istringstream stream{std::string(text)};
  Builder builder;
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    throw YamlError("not YAML: " + error.msg, place_of(error.mark));
  }
  return builder.take_root();
}

}  // namespace gantry
