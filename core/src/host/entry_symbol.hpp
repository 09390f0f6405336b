// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace gantry {

// Reads the file's symbol table, without opening the file, and refuses it unless it exports a
// driver of this host's ABI. The file is a whole ELF file (elf_tables.hpp). Throws Refusal
// (no_entry, wrong_abi).
void check_entry_symbol(const std::filesystem::path& file);

}  // namespace gantry
