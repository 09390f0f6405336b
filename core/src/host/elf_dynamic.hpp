// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "elf_tables.hpp"
#include "refusal.hpp"

namespace gantry {

// The dynamic section: what the dynamic linker follows. Reading it checks that all it points to is
// there; check_symbols and check_relocations go on from there. What code and data hold cannot be
// checked.
class DynamicSection {
 public:
  using Address = ElfW(Addr);
  using Size = ElfW(Xword);
  using Tag = decltype(ElfW(Dyn)::d_tag);

  DynamicSection(const FileBytes& bytes, const ElfTables& elf);  // throws Refusal (not_a_library)

  bool has(Tag tag) const { return find(tag) != nullptr; }
  Size get(Tag tag) const;  // 0 where it is absent
  const std::vector<ElfW(Dyn)>& entries() const { return entries_; }
  const ElfTables& elf() const { return elf_; }

  // The dynamic section does not say how many symbols there are; the section table does.
  const std::vector<ElfW(Sym)>& symbols() const { return symbols_; }

  // `count` records at an address; `what` says what is wrong where they are not in the file.
  template <class Record>
  std::vector<Record> table(Address address, Size count, const char* what) const {
    const auto offset = count <= bytes_.size() / sizeof(Record)
                            ? elf_.offset_of(address, count * sizeof(Record))
                            : std::nullopt;
    require(offset.has_value(), what);
    return bytes_.read<Record>(*offset, count, what);
  }

  static void require(bool sound, const char* fault) {
    if (sound) return;
    throw Refusal{DriverLoadFailure::Reason::not_a_library, std::string("it is damaged: ") + fault};
  }

 private:
  const ElfW(Dyn) * find(Tag tag) const;
  std::vector<ElfW(Dyn)> read_entries() const;
  std::vector<ElfW(Sym)> read_symbols() const;
  void check_tables() const;
  void check_sizes() const;
  bool is_whole_sections(Address address, Size size) const;

  const FileBytes& bytes_;
  const ElfTables& elf_;
  const std::vector<ElfW(Dyn)> entries_;
  const std::vector<ElfW(Sym)> symbols_;
};

// Names, symbols, their versions and their hash table. Throws Refusal (not_a_library).
void check_symbols(const DynamicSection& dynamic);

// That each relocation has its place and its symbol. Throws Refusal (not_a_library).
void check_relocations(const DynamicSection& dynamic);

}  // namespace gantry
