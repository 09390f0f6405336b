// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>

namespace gantry {

// What a caller says of a setting that it would otherwise inherit: nothing, "none" (std::nullopt),
// or a value.
//
//   client.prepare({.server = "node-1", .version_cap = std::nullopt});
template <class T>
class Override {
 public:
  constexpr Override() = default;  // inherits
  constexpr Override(std::nullopt_t) : given_(true) {}
  constexpr Override(std::optional<T> value) : given_(true), value_(std::move(value)) {}
  template <class U>
  requires(std::constructible_from<T, U>&& std::is_convertible_v<U, T> &&
           !std::same_as<std::remove_cvref_t<U>, Override>) constexpr Override(U&& value)
      : given_(true), value_(std::forward<U>(value)) {}

  constexpr bool given() const noexcept { return given_; }
  void apply_to(std::optional<T>& field) const {
    if (given_) field = value_;
  }

 private:
  bool given_ = false;
  std::optional<T> value_{};
};

}  // namespace gantry
