// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gantry/export.hpp"
#include "gantry/value.hpp"

namespace gantry {

// Changes what is sent and received, on both sides: each argument, each result, each payload, and
// the context (semantics §18). Every entity is changed with the application's context beside it,
// and none is skipped, null neither. What it throws fails a send, and answers a request with a
// failure. It is shared by many threads at once.
class GANTRY_API Serializer {
 public:
  virtual ~Serializer();

  virtual Value serialize_entity(const Object& context, const Value& entity) const = 0;
  virtual Value deserialize_entity(const Object& context, const Value& entity) const = 0;
  virtual Object serialize_context(const Object& context) const = 0;
  virtual Object deserialize_context(const Object& context) const = 0;
};

// Leaves everything as it is; what is used where no other is given.
class GANTRY_API NoOpSerializer final : public Serializer {
 public:
  ~NoOpSerializer() override;
  Value serialize_entity(const Object& context, const Value& entity) const override;
  Value deserialize_entity(const Object& context, const Value& entity) const override;
  Object serialize_context(const Object& context) const override;
  Object deserialize_context(const Object& context) const override;
};

}  // namespace gantry
