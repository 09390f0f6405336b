// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace gantry {

// What a file holds, at most `limit` bytes. Throws std::runtime_error that says why it cannot be
// read, without its name.
std::string file_text(const std::filesystem::path& file, std::size_t limit);

}  // namespace gantry
