// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace gantry::cli {

// The program behind `gantry dev kafka`, which is built where librdkafka is found, with the
// arguments that it is to have. [owner]
class DevProgram {
 public:
  // Looks for it beside this command and in the installation's libexec. Throws CommandError
  // (not_found) with the places.
  explicit DevProgram(const std::vector<std::string>& arguments);

  const std::string& path() const noexcept { return words_.front(); }
  // As exec takes them; good for as long as this object.
  std::vector<char*> argv();

  // This process goes on as that program, without an input: a job of a shell may not read the
  // terminal. Throws std::system_error when it cannot.
  [[noreturn]] void become();

 private:
  std::vector<std::string> words_;  // its path first
};

}  // namespace gantry::cli
