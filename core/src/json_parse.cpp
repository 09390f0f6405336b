// SPDX-License-Identifier: Apache-2.0
#include <simdjson.h>

#include <algorithm>
#include <boost/json/value_stack.hpp>

#include "gantry/error.hpp"
#include "gantry/json.hpp"
#include "json_fault.hpp"

namespace gantry {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

[[noreturn]] void refuse(std::string_view text, simdjson::error_code error) {
  throw SerializationError("invalid JSON: " +
                           json_fault(text).value_or(simdjson::error_message(error)));
}

// simdjson's parser, the padded copy that it reads, and the stack on which the tree grows. All
// three keep their memory from one text to the next.
class Reader {
 public:
  Value read(std::string_view text) {
    if (buffer_.size() < text.size() + simdjson::SIMDJSON_PADDING) {
      buffer_.resize(text.size() + simdjson::SIMDJSON_PADDING);
    }
    std::copy_n(text.data(), text.size(), buffer_.data());  // no text has no address
    element root;
    const auto error = parser_.parse(buffer_.data(), text.size(), false).get(root);
    if (error != simdjson::SUCCESS) refuse(text, error);
    stack_.reset();
    push(root, 0);
    return stack_.release();
  }

 private:
  void push(element node, int depth) {
    switch (node.type()) {
      case element_type::OBJECT:
        return push_object(node.get_object().value_unsafe(), depth);
      case element_type::ARRAY:
        return push_array(node.get_array().value_unsafe(), depth);
      case element_type::STRING:
        return stack_.push_string(node.get_string().value_unsafe());
      case element_type::INT64:
        return stack_.push_int64(node.get_int64().value_unsafe());
      case element_type::UINT64:
        return stack_.push_uint64(node.get_uint64().value_unsafe());
      case element_type::DOUBLE:
        return stack_.push_double(node.get_double().value_unsafe());
      case element_type::BOOL:
        return stack_.push_bool(node.get_bool().value_unsafe());
      case element_type::NULL_VALUE:
        return stack_.push_null();
    }
  }

  // Of equal keys the stack keeps the last.
  void push_object(simdjson::dom::object object, int depth) {
    limit(depth);
    std::size_t members = 0;
    for (const auto member : object) {
      stack_.push_key(member.key);
      push(member.value, depth + 1);
      ++members;
    }
    stack_.push_object(members);
  }

  void push_array(simdjson::dom::array array, int depth) {
    limit(depth);
    std::size_t items = 0;
    for (const auto item : array) {
      push(item, depth + 1);
      ++items;
    }
    stack_.push_array(items);
  }

  // simdjson's own limit is higher, and does not count a container without members.
  static void limit(int depth) {
    if (depth < kMaxJsonDepth) return;
    throw SerializationError("invalid JSON: " + deeper_than_the_limit());
  }

  simdjson::dom::parser parser_;
  std::string buffer_;
  boost::json::value_stack stack_;
};

}  // namespace

Value parse_json(std::string_view text) {
  constexpr std::size_t kept = 256 * 1024;  // the memory for larger texts is given back
  if (text.size() > kept) return Reader().read(text);
  thread_local Reader reader;
  return reader.read(text);
}

}  // namespace gantry
