// SPDX-License-Identifier: Apache-2.0
#include "body_writer.hpp"

#include "envelope.hpp"
#include "fields.hpp"
#include "gantry/error.hpp"

namespace gantry::wire {

BodyWriter::BodyWriter(Envelope envelope) : envelope_(envelope) {
  if (envelope_ == Envelope::v2) json_.raw(kEnvelopeHead).open_text();
  json_.raw("{");
}

JsonWriter& BodyWriter::key(std::string_view key) {
  if (!first_) json_.raw(", ");
  first_ = false;
  return json_.key(key);
}

BodyWriter& BodyWriter::member(std::string_view name, const Value& value) {
  key(name).value(value, 1);
  return *this;
}

BodyWriter& BodyWriter::text(std::string_view name, std::string_view text) {
  key(name).string(text);
  return *this;
}

BodyWriter& BodyWriter::content(const Object& body) {
  for (const auto& [name, value] : body) {
    if (is_protocol_key(name)) {
      throw SerializationError("the body's key '" + std::string(name) +
                               "' is reserved for the protocol");
    }
    member(name, value);
  }
  return *this;
}

BodyWriter& BodyWriter::context(const Object& context) {
  std::string key(kContextPrefix);
  for (const auto& [name, value] : context) {
    key.resize(kContextPrefix.size());
    member(key.append(name), value);
  }
  return *this;
}

void BodyWriter::rewind(Mark mark) noexcept {
  json_.rewind(mark.json);
  first_ = mark.first;
}

std::string BodyWriter::take() {
  json_.raw("}");
  if (envelope_ == Envelope::v2) json_.close_text().raw("}");
  return json_.take();
}

}  // namespace gantry::wire
