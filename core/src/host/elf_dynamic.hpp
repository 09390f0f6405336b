// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "elf_tables.hpp"

namespace gantry {

// Checks what the dynamic linker follows: the dynamic section, the tables that it points to, the
// names and relocations in them. What code and data hold cannot be checked. Throws Refusal
// (not_a_library).
void check_dynamic_section(const FileBytes& bytes, const ElfTables& elf);

}  // namespace gantry
