// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>

namespace gantry::faults {

// What an operation's error says of the operation.
struct ErrorKind {
  std::string name;  // of its type, as a user would catch it; "untyped" where gantry gave it none
  std::string text;
  bool in_doubt;  // whether the message may have been taken all the same
};

ErrorKind kind_of(const std::exception_ptr& error);

}  // namespace gantry::faults
