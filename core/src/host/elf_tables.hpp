// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <elf.h>
#include <link.h>

#include <optional>
#include <vector>

#include "file_bytes.hpp"

namespace gantry {

// The tables of an ELF shared object for this machine. dlopen believes a file: what is truncated or
// points outside itself kills the process in it (SIGBUS, SIGSEGV, exit 127), so all that it would
// follow is followed here first.
struct ElfTables {
  ElfW(Ehdr) header;
  std::vector<ElfW(Phdr)> segments;
  std::vector<ElfW(Shdr)> sections;

  // Throws Refusal (not_a_library): not ELF, another machine, no shared object, not whole.
  static ElfTables read(const FileBytes& bytes);

  // The loaded segment that has all of [address, address + length); null if none has.
  const ElfW(Phdr) * segment_at(ElfW(Addr) address, ElfW(Xword) length) const;
  // Where in the file the content of these addresses stands; nothing where it does not.
  std::optional<ElfW(Off)> offset_of(ElfW(Addr) address, ElfW(Xword) length) const;
};

}  // namespace gantry
