// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "gantry/json.hpp"
#include "gantry/serializer.hpp"

namespace gantry {

// Marks every text on its way: s when it is sent, d when it is received.
class Marking final : public Serializer {
 public:
  Value serialize_entity(const Object& context, const Value& entity) const override {
    return marked('s', context, entity);
  }
  Value deserialize_entity(const Object& context, const Value& entity) const override {
    return marked('d', context, entity);
  }
  Object serialize_context(const Object& context) const override {
    return all_marked('s', context);
  }
  Object deserialize_context(const Object& context) const override {
    return all_marked('d', context);
  }

  mutable std::atomic<int> entities = 0;
  mutable std::mutex mutex;
  mutable std::vector<std::string> contexts;  // beside each entity; guarded by mutex

 private:
  Value marked(char mark, const Object& context, const Value& entity) const {
    ++entities;
    {
      const std::lock_guard lock(mutex);
      contexts.push_back(to_json(context));
    }
    return marked(mark, entity);
  }
  static Value marked(char mark, const Value& entity) {
    if (!entity.is_string()) return entity;
    return Value(std::string(1, mark) + entity.as_string().c_str());
  }
  static Object all_marked(char mark, const Object& context) {
    Object result;
    for (const auto& [key, value] : context) result.emplace(key, marked(mark, value));
    return result;
  }
};

class Throwing final : public Serializer {
 public:
  Value serialize_entity(const Object&, const Value&) const override {
    throw std::runtime_error("no way out");
  }
  Value deserialize_entity(const Object&, const Value&) const override {
    throw std::runtime_error("no way in");
  }
  Object serialize_context(const Object& context) const override { return context; }
  Object deserialize_context(const Object& context) const override { return context; }
};

}  // namespace gantry
