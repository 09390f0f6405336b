// SPDX-License-Identifier: Apache-2.0
#include "arguments.hpp"

#include <iostream>
#include <iterator>

#include "errors.hpp"
#include "gantry/error.hpp"
#include "gantry/json.hpp"

namespace gantry::cli {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw CommandError(ExitCode::usage, what); }

void insert(Object& object, std::string_view key, Value value) {
  if (object.contains(key)) refuse("argument '" + std::string(key) + "' is given twice");
  object.emplace(key, std::move(value));
}

Value read_json(std::string_view text, const std::string& what) try {
  return parse_json(text);
} catch (const SerializationError& error) {
  refuse(what + ": " + error.what());
}

void insert_pair(Object& object, const std::string& word) {
  const auto equals = word.find('=');
  const bool json = equals != std::string::npos && equals > 0 && word[equals - 1] == ':';
  const std::string key = word.substr(0, json ? equals - 1 : equals);
  if (equals == std::string::npos || key.empty()) {
    refuse("'" + word + "' is not an argument: write key=text or key:=json");
  }
  const std::string text = word.substr(equals + 1);
  insert(object, key, json ? read_json(text, "argument '" + key + "'") : Value(text));
}

// Arguments have to survive the way to a peer.
Object checked(Object object) try {
  to_json(object);
  return object;
} catch (const SerializationError& error) {
  refuse(std::string("the arguments cannot be sent: ") + error.what());
}

Object read_object(const std::string& given) {
  const std::string text =
      given == "-" ? std::string(std::istreambuf_iterator<char>(std::cin), {}) : given;
  Value value = read_json(text, "--args-json");
  if (!value.is_object()) refuse("--args-json takes a JSON object: '{\"a\": 2}'");
  return std::move(value.get_object());
}

}  // namespace

Object parse_pairs(const std::vector<std::string>& words) {
  Object object;
  for (const std::string& word : words) insert_pair(object, word);
  return checked(std::move(object));
}

void Arguments::add_to(CLI::App& app, const std::string& what) {
  app.add_option("ARGUMENT", pairs, "arguments " + what + ": key=text or key:=json");
  app.add_option("--args-json", json, "further arguments as a JSON object; - reads it from stdin");
}

Object Arguments::parse() const {
  Object object = parse_pairs(pairs);
  if (json.empty()) return object;
  for (auto& [key, value] : read_object(json)) insert(object, key, std::move(value));
  return object;
}

}  // namespace gantry::cli
