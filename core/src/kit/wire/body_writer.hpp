// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "gantry/driver/send_options.hpp"
#include "gantry/json.hpp"
#include "gantry/message.hpp"

namespace gantry::wire {

// Writes one body, member by member in the order of the calls: the inner object, sealed in the
// envelope as it is written (v2), or bare (v1).
class BodyWriter {
 public:
  explicit BodyWriter(Envelope envelope);

  BodyWriter& member(std::string_view key, const Value& value);
  BodyWriter& text(std::string_view key, std::string_view text);
  // Begins a member whose value the caller writes.
  JsonWriter& key(std::string_view key);

  // What the upper layer sent. Throws SerializationError for a key that is the protocol's.
  BodyWriter& content(const Object& body);
  // Each entry under its flattened key.
  BodyWriter& context(const Object& context);

  // Calls that follow a mark can be taken back.
  struct Mark {
    JsonWriter::Mark json;
    bool first;
  };
  Mark mark() const noexcept { return {json_.mark(), first_}; }
  void rewind(Mark mark) noexcept;

  std::string take();  // the finished body; the last call

 private:
  Envelope envelope_;
  JsonWriter json_;
  bool first_ = true;
};

}  // namespace gantry::wire
