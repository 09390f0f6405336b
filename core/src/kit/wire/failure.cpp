// SPDX-License-Identifier: Apache-2.0
#include "failure.hpp"

#include <optional>

#include "gantry/error.hpp"
#include "gantry/kit/wire.hpp"

namespace gantry::wire {
namespace {

std::string text_of(const Value& value) {
  if (value.is_null()) return {};
  return value.is_string() ? std::string(value.get_string()) : to_json(value);
}

std::string text_at(const Object& object, std::string_view key) {
  const Value* const value = object.if_contains(key);
  return value == nullptr ? std::string() : text_of(*value);
}

std::vector<std::string> lines_of(const Object& object) {
  const Value* const tb = object.if_contains("tb");
  if (tb == nullptr || tb->is_null()) return {};
  if (!tb->is_array()) return {text_of(*tb)};
  std::vector<std::string> lines;
  for (const Value& line : tb->get_array()) lines.push_back(text_of(line));
  return lines;
}

// Python 2 called its module of built-in types by another name.
std::string module_of(const Object& object) {
  std::string module = text_at(object, "module");
  return module == "exceptions" ? "builtins" : module;
}

std::optional<Object> failure_object(std::string_view text) {
  try {
    Value value = parse_json(text);
    if (!value.is_object()) return std::nullopt;
    Object object = std::move(value.get_object());
    if (!object.contains("class") && !object.contains("message")) return std::nullopt;
    return object;
  } catch (const SerializationError&) {
    return std::nullopt;
  }
}

}  // namespace

void write_failure(JsonWriter& json, const Failure& failure) {
  json.raw(R"({"class": )").string(failure.class_name);
  json.raw(R"(, "module": )").string(failure.module);
  json.raw(R"(, "message": )").string(failure.message);
  json.raw(R"(, "tb": [)");
  std::string_view separator;
  for (const std::string& line : failure.traceback) {
    json.raw(separator).string(line);
    separator = ", ";
  }
  json.raw(R"(], "args": )").value(failure.args, 1);
  json.raw(R"(, "kwargs": )").value(failure.kwargs, 1).raw("}");
}

std::string encode_failure(const Failure& failure) {
  JsonWriter json;
  write_failure(json, failure);
  return json.take();
}

Failure decode_failure(std::string_view text) {
  const auto object = failure_object(text);
  if (!object) return {.message = std::string(text)};
  Failure failure{.class_name = text_at(*object, "class"),
                  .module = module_of(*object),
                  .message = text_at(*object, "message"),
                  .traceback = lines_of(*object)};
  if (const Value* args = object->if_contains("args"); args != nullptr && args->is_array()) {
    failure.args = args->get_array();
  }
  if (const Value* kwargs = object->if_contains("kwargs"); kwargs && kwargs->is_object()) {
    failure.kwargs = kwargs->get_object();
  }
  return failure;
}

}  // namespace gantry::wire
