// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>
#include <vector>

#include "gantry/export.hpp"
#include "gantry/failure.hpp"

namespace gantry {

// What an exception that was rebuilt from a remote failure (rpc/remote_exceptions.hpp) is besides
// its own type.
class GANTRY_API RemoteException {
 public:
  explicit RemoteException(Failure failure);
  virtual ~RemoteException();
  const Failure& failure() const noexcept { return failure_; }

 protected:
  // The message, a new line, and the remote trace.
  static std::string text_of(const Failure& failure);

 private:
  Failure failure_;
};

// Whether `error` arose on another machine: a RemoteError, or one that was rebuilt (EXC-6).
GANTRY_API bool is_remote(const std::exception& error) noexcept;
// The lines of its trace there; empty for an error of this process.
GANTRY_API std::vector<std::string> remote_traceback(const std::exception& error);

}  // namespace gantry
