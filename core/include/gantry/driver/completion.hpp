// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

#include "gantry/error.hpp"

namespace gantry {

// How an operation ended: with a value, or with an error.
template <class T>
class Outcome {
 public:
  using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  explicit Outcome(Stored value) : end_(std::in_place_index<0>, std::move(value)) {}
  explicit Outcome(std::exception_ptr error) : end_(std::in_place_index<1>, std::move(error)) {}

  bool failed() const noexcept { return end_.index() == 1; }
  // The error; null when there is none.
  std::exception_ptr error() const noexcept {
    return failed() ? std::get<1>(end_) : std::exception_ptr();
  }
  // The value, or the error thrown.
  T get() && {
    if (failed()) std::rethrow_exception(std::get<1>(end_));
    if constexpr (!std::is_void_v<T>) return std::get<0>(std::move(end_));
  }

 private:
  std::variant<Stored, std::exception_ptr> end_;
};

// The end of one operation, to be told exactly once, by any thread, possibly before the verb that
// started the operation returns. Move-only. Dropped without having been told, it fails with a
// TransportDriverError("abandoned"), so nobody waits for ever. The function it was made from must
// not throw; it runs on the thread that tells, so it is short and takes no lock of the driver.
template <class T>
class Completion {
 public:
  Completion() = default;  // ends nothing

  template <class Function>
  requires(std::invocable<Function&, Outcome<T>> &&
           !std::same_as<std::remove_cvref_t<Function>,
                         Completion>) explicit Completion(Function function)
      : callback_(std::make_unique<Callback<Function>>(std::move(function))) {}

  Completion(Completion&&) noexcept = default;
  Completion& operator=(Completion&& other) noexcept {
    if (this != &other) {
      abandon();
      callback_ = std::move(other.callback_);
    }
    return *this;
  }
  ~Completion() { abandon(); }

  explicit operator bool() const noexcept { return callback_ != nullptr; }

  void succeed(typename Outcome<T>::Stored value = {}) { tell(Outcome<T>(std::move(value))); }
  void fail(std::exception_ptr error) { tell(Outcome<T>(std::move(error))); }
  template <class Error>
  requires std::derived_from<Error, std::exception>
  void fail(Error error) { fail(std::make_exception_ptr(std::move(error))); }
  void tell(Outcome<T> outcome) {
    if (const auto callback = std::move(callback_)) callback->call(std::move(outcome));
  }

 private:
  struct AnyCallback {
    virtual ~AnyCallback() = default;
    virtual void call(Outcome<T>&& outcome) = 0;
  };
  template <class Function>
  struct Callback final : AnyCallback {
    explicit Callback(Function f) : function(std::move(f)) {}
    void call(Outcome<T>&& outcome) override { function(std::move(outcome)); }
    Function function;
  };

  void abandon() noexcept {
    if (callback_) fail(TransportDriverError("the driver abandoned the operation"));
  }

  std::unique_ptr<AnyCallback> callback_;
};

}  // namespace gantry
