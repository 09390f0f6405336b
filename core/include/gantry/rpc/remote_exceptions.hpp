// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "gantry/export.hpp"
#include "gantry/failure.hpp"
#include "gantry/remote_exception.hpp"

namespace gantry {

// The exceptions of other processes that a client rebuilds as types of its own: an allow-list and a
// registry in one (allowed_remote_exmods, semantics §17). All others arrive as RemoteError. Nothing
// that came over the wire is looked up anywhere but here.
//
//   gantry::RemoteExceptions known;
//   known.add<std::invalid_argument>("builtins", "ValueError");
//   known.add<NotFound>("app.errors", "NotFound");
class GANTRY_API RemoteExceptions {
 public:
  // Throws the rebuilt exception, which is a RemoteException too. Anything else that it throws
  // means that it could not build one.
  using Factory = std::function<void(const Failure&)>;

  // `Exception` is made from the message, thrown as a type that is both an Exception and a
  // RemoteException, and its what() tells the remote trace as well.
  template <class Exception>
  requires std::derived_from<Exception, std::exception> &&
      std::constructible_from<Exception, const std::string&>
          RemoteExceptions& add(std::string module, std::string class_name) {
    return add(std::move(module), std::move(class_name),
               [](const Failure& failure) { throw Rebuilt<Exception>(failure); });
  }

  // For a type that wants args or kwargs.
  RemoteExceptions& add(std::string module, std::string class_name, Factory factory);

  // Those of the standard library, under the Python builtins that mean the same.
  static RemoteExceptions standard();

  // The exception to throw for a failure: the rebuilt one, or a RemoteError. A warning is logged
  // where the module is known and the class is not, or its factory fails.
  std::exception_ptr rebuild(const Failure& failure) const;

 private:
  template <class Exception>
  class Rebuilt final : public Exception, public RemoteException {
   public:
    explicit Rebuilt(const Failure& failure)
        : Exception(failure.message), RemoteException(failure), text_(text_of(failure)) {}
    const char* what() const noexcept override { return text_.c_str(); }

   private:
    std::string text_;
  };

  std::map<std::string, std::map<std::string, Factory, std::less<>>, std::less<>> by_module_;
};

}  // namespace gantry
