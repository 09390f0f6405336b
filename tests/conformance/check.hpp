// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "gantry/value.hpp"

namespace gantry::conformance {

// What a case expected does not hold; the text ends with the place.
class CheckFailed : public std::runtime_error {
 public:
  CheckFailed(std::string_view what, std::source_location at);
};

// The machine was too slow to tell whether the driver is right.
class Inconclusive : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::string text_of(std::string_view text);
std::string text_of(const Value& value);
std::string text_of(const std::vector<int>& numbers);
template <std::integral Number>
std::string text_of(Number number) {
  if constexpr (std::same_as<Number, bool>) {
    return number ? "true" : "false";
  } else {
    return std::to_string(number);
  }
}

inline void check(bool holds, std::string_view what,
                  std::source_location at = std::source_location::current()) {
  if (!holds) throw CheckFailed(what, at);
}

template <class T>
void check_equal(const T& actual, const std::type_identity_t<T>& expected, std::string_view what,
                 std::source_location at = std::source_location::current()) {
  if (actual == expected) return;
  throw CheckFailed(std::string(what) + ": " + text_of(actual) + " instead of " + text_of(expected),
                    at);
}

// What `action` throws has to be an Error, which is then looked at.
template <class Error, class Action, class Look>
void check_throws(Action action, std::string_view what, Look look,
                  std::source_location at = std::source_location::current()) {
  try {
    action();
  } catch (const Error& error) {
    look(error);
    return;
  } catch (const std::exception& error) {
    throw CheckFailed(std::string(what) + ": another error came: " + error.what(), at);
  }
  throw CheckFailed(std::string(what) + ": it succeeded", at);
}
template <class Error, class Action>
void check_throws(Action action, std::string_view what,
                  std::source_location at = std::source_location::current()) {
  check_throws<Error>(
      std::move(action), what, [](const Error&) {}, at);
}

}  // namespace gantry::conformance
