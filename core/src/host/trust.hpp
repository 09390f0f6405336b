// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace gantry {

// Follows `file` through its symbolic links and returns the regular file at their end. Refuses it
// (untrusted) when everyone may write to it or to a directory on the way, since then anyone could
// run code here, and (not_a_library) when there is no regular file. Throws Refusal.
std::filesystem::path trusted_file(const std::filesystem::path& file);

}  // namespace gantry
