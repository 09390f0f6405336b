// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdlib.h>  // setenv

#include <string>

namespace gantry::test {

// Sets a variable of the environment while it lives; the tests set none that was there before.
class Variable {
 public:
  Variable(std::string name, const std::string& value) : name_(std::move(name)) {
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  ~Variable() { ::unsetenv(name_.c_str()); }

 private:
  std::string name_;
};

}  // namespace gantry::test
