// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>
#include <vector>

#include "gantry/error.hpp"
#include "gantry/export.hpp"
#include "gantry/value.hpp"

namespace gantry {

// An exception as it travels in a reply (wire §5.5). Data only: nothing in it is ever looked up,
// loaded or used as a format.
struct Failure {
  std::string class_name{};              // "ValueError"
  std::string module{};                  // "builtins"
  std::string message{};                 // what str() of the exception gave
  std::vector<std::string> traceback{};  // lines, each ending in a newline; may be empty
  Array args{};                          // the constructor's arguments
  Object kwargs{};

  friend bool operator==(const Failure&, const Failure&) = default;
};

// What a handler threw, as a Failure: gantry's own errors under oslo.messaging's names, the
// standard types under the Python builtins that mean the same (invalid_argument → ValueError, …), a
// RemoteError as what it was on the machine where it arose, anything else by its type's name. [any
// thread]
GANTRY_API Failure failure_of(std::exception_ptr error);

// The other side answered with an exception.
class GANTRY_API RemoteError : public MessagingException {
 public:
  explicit RemoteError(Failure failure);  // text: class, message and the remote trace
  ~RemoteError() override;

  const Failure& failure() const noexcept { return failure_; }
  const std::string& exc_type() const noexcept { return failure_.class_name; }
  const std::string& value() const noexcept { return failure_.message; }
  const std::vector<std::string>& traceback() const noexcept { return failure_.traceback; }

 private:
  Failure failure_;
};

// Thrown by a handler, it arrives at the caller as exactly this class, module and message.
class GANTRY_API RemoteFailure : public MessagingException {
 public:
  explicit RemoteFailure(Failure failure);
  ~RemoteFailure() override;
  const Failure& failure() const noexcept { return failure_; }

 private:
  Failure failure_;
};

}  // namespace gantry
