// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace gantry {

struct Interpolated {
  std::string text{};
  bool inserted = false;  // part of it came from outside the file, so it is not repeated in errors
};

// Replaces ${NAME} by a variable of the environment and ${file:PATH} by what a file holds, without
// its last line end; a relative PATH starts at `directory`. "$${" gives "${". What is inserted is
// not looked at again. Every problem is told to `problem`.
Interpolated interpolate(std::string_view text, const std::filesystem::path& directory,
                         const std::function<void(std::string)>& problem);

}  // namespace gantry
