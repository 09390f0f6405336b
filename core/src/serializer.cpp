// SPDX-License-Identifier: Apache-2.0
#include "gantry/serializer.hpp"

namespace gantry {

Serializer::~Serializer() = default;
NoOpSerializer::~NoOpSerializer() = default;

Value NoOpSerializer::serialize_entity(const Object&, const Value& entity) const { return entity; }
Value NoOpSerializer::deserialize_entity(const Object&, const Value& entity) const {
  return entity;
}
Object NoOpSerializer::serialize_context(const Object& context) const { return context; }
Object NoOpSerializer::deserialize_context(const Object& context) const { return context; }

}  // namespace gantry
