// SPDX-License-Identifier: Apache-2.0
#include "elf_dynamic.hpp"

#include <algorithm>
#include <string>

#include "refusal.hpp"

namespace gantry {
namespace {

using Address = ElfW(Addr);
using Size = ElfW(Xword);
using Symbol = ElfW(Sym);
using Tag = decltype(ElfW(Dyn)::d_tag);

void require(bool sound, const char* fault) {
  if (!sound) {
    throw Refusal{DriverLoadFailure::Reason::not_a_library, std::string("it is damaged: ") + fault};
  }
}

constexpr Size symbol_of(Size relocation_info) {
  return __ELF_NATIVE_CLASS == 64 ? relocation_info >> 32U : relocation_info >> 8U;
}

class DynamicSection {
 public:
  DynamicSection(const FileBytes& bytes, const ElfTables& elf) : bytes_(bytes), elf_(elf) {
    read_entries();
    read_symbols();
  }

  void check() const {
    check_tables();
    check_names();
    check_symbols();
    check_versions();
    check_relocations<ElfW(Rela)>(DT_RELA, DT_RELASZ, DT_RELACOUNT);
    check_relocations<ElfW(Rel)>(DT_REL, DT_RELSZ, DT_RELCOUNT);
    if (get(DT_PLTREL) == DT_RELA) check_relocations<ElfW(Rela)>(DT_JMPREL, DT_PLTRELSZ, DT_NULL);
    if (get(DT_PLTREL) == DT_REL) check_relocations<ElfW(Rel)>(DT_JMPREL, DT_PLTRELSZ, DT_NULL);
  }

 private:
  // Of a tag that stands twice the last one counts, as in the linker.
  const ElfW(Dyn) * find(Tag tag) const {
    const auto found = std::find_if(entries_.rbegin(), entries_.rend(),
                                    [tag](const auto& entry) { return entry.d_tag == tag; });
    return found == entries_.rend() ? nullptr : &*found;
  }
  bool has(Tag tag) const { return find(tag) != nullptr; }
  Size get(Tag tag) const {
    const auto* const entry = find(tag);
    return entry == nullptr ? 0 : entry->d_un.d_val;
  }

  template <class Record>
  std::vector<Record> table(Address address, Size count, const char* what) const {
    require(count <= bytes_.size() / sizeof(Record), what);
    const auto offset = elf_.offset_of(address, count * sizeof(Record));
    require(offset.has_value(), what);
    return bytes_.read<Record>(*offset, count, what);
  }

  void read_entries() {
    const auto dynamic = std::find_if(elf_.segments.begin(), elf_.segments.end(),
                                      [](const auto& s) { return s.p_type == PT_DYNAMIC; });
    entries_ = table<ElfW(Dyn)>(dynamic->p_vaddr, dynamic->p_filesz / sizeof(ElfW(Dyn)),
                                "the dynamic section is not loaded");
    require(dynamic->p_offset == elf_.offset_of(dynamic->p_vaddr, dynamic->p_filesz),
            "the dynamic section is not where its segment says");
    const auto end = std::find_if(entries_.begin(), entries_.end(),
                                  [](const auto& entry) { return entry.d_tag == DT_NULL; });
    require(end != entries_.end(), "the dynamic section has no end");
    entries_.erase(end, entries_.end());
  }

  // The dynamic section does not say how many symbols there are; the section table does.
  void read_symbols() {
    const auto section = std::find_if(elf_.sections.begin(), elf_.sections.end(),
                                      [](const auto& s) { return s.sh_type == SHT_DYNSYM; });
    require(section != elf_.sections.end(), "it has no dynamic symbols");
    require(section->sh_entsize == sizeof(Symbol) && section->sh_addr == get(DT_SYMTAB) &&
                section->sh_offset == elf_.offset_of(section->sh_addr, section->sh_size),
            "the symbol table is not where the dynamic section says");
    symbols_ = table<Symbol>(section->sh_addr, section->sh_size / sizeof(Symbol), "the symbols");
  }

  void check_tables() const {
    struct Row {
      Tag address;
      Tag size;  // DT_NULL: at least `least`
      Size least;
    };
    constexpr Size kWord = sizeof(Address);
    const Row rows[] = {
        {DT_STRTAB, DT_STRSZ, 1},
        {DT_HASH, DT_NULL, 2 * sizeof(ElfW(Word))},
        {DT_GNU_HASH, DT_NULL, 4 * sizeof(ElfW(Word))},
        {DT_VERSYM, DT_NULL, symbols_.size() * sizeof(ElfW(Half))},
        {DT_INIT_ARRAY, DT_INIT_ARRAYSZ, 0},
        {DT_FINI_ARRAY, DT_FINI_ARRAYSZ, 0},
        {DT_RELR, DT_RELRSZ, 0},
        {DT_PLTGOT, DT_NULL, kWord},
        {DT_INIT, DT_NULL, 1},
        {DT_FINI, DT_NULL, 1},
    };
    require(has(DT_STRTAB), "the dynamic section has no names");
    for (const auto& row : rows) {
      if (!has(row.address)) continue;
      const auto size = row.size == DT_NULL ? row.least : get(row.size);
      require(size >= row.least && elf_.segment_at(get(row.address), size) != nullptr,
              "the dynamic section points outside of what is loaded");
    }
    const std::pair<Tag, Size> sizes[] = {{DT_SYMENT, sizeof(Symbol)},
                                          {DT_RELAENT, sizeof(ElfW(Rela))},
                                          {DT_RELENT, sizeof(ElfW(Rel))},
                                          {DT_RELRENT, kWord}};
    for (const auto& [tag, size] : sizes) {
      require(!has(tag) || get(tag) == size, "a table's entries have the wrong size");
    }
    require(!has(DT_JMPREL) || get(DT_PLTREL) == DT_RELA || get(DT_PLTREL) == DT_REL,
            "the kind of its relocations is unknown");
    require(!has(DT_TEXTREL) && (get(DT_FLAGS) & DF_TEXTREL) == 0,
            "its code needs relocations; compile it with -fPIC");
  }

  void check_names() const {
    const auto text = table<char>(get(DT_STRTAB), get(DT_STRSZ), "the dynamic names");
    require(!text.empty() && text.back() == '\0', "the dynamic names have no end");
    for (const auto& entry : entries_) {
      const bool names = entry.d_tag == DT_NEEDED || entry.d_tag == DT_SONAME ||
                         entry.d_tag == DT_RPATH || entry.d_tag == DT_RUNPATH;
      require(!names || entry.d_un.d_val < text.size(),
              "the dynamic section points outside of the names");
    }
  }

  void check_symbols() const {
    for (const auto& symbol : symbols_) {
      require(symbol.st_name < get(DT_STRSZ), "a symbol's name lies outside of the names");
      const auto type = symbol.st_info & 0xfU;
      if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx >= SHN_LORESERVE || type == STT_TLS) {
        continue;
      }
      require(elf_.segment_at(symbol.st_value, symbol.st_size) != nullptr,
              "a symbol lies outside of what is loaded");
    }
  }

  // Chains, which end with a step of 0; each step leads on, so a wild one leaves the file.
  void check_versions() const {
    ElfW(Verneed) need{};
    for (auto at = get(DT_VERNEED); at != 0; at = need.vn_next == 0 ? 0 : at + need.vn_next) {
      need = table<ElfW(Verneed)>(at, 1, "a needed version").front();
      require(need.vn_file < get(DT_STRSZ), "a needed version has no name");
      check_versions_of_one_library(at + need.vn_aux);
    }
  }

  void check_versions_of_one_library(Address at) const {
    while (true) {
      const auto version = table<ElfW(Vernaux)>(at, 1, "a needed version").front();
      require(version.vna_name < get(DT_STRSZ), "a needed version has no name");
      if (version.vna_next == 0) return;
      at += version.vna_next;
    }
  }

  // The first `count` relocations need no symbol and are all of one kind: ld.so aborts if not.
  template <class Relocation>
  void check_relocations(Tag address, Tag size, Tag count) const {
    if (!has(address)) return;
    const auto entries =
        table<Relocation>(get(address), get(size) / sizeof(Relocation), "the relocations");
    require(get(size) % sizeof(Relocation) == 0, "the relocations have a wrong size");
    for (const auto& entry : entries) {
      const auto* const segment = elf_.segment_at(entry.r_offset, sizeof(Address));
      require(segment != nullptr && (segment->p_flags & PF_W) != 0,
              "a relocation lies outside of the data");
      require(symbol_of(entry.r_info) < symbols_.size(), "a relocation names no symbol");
    }
    const Size relative = count == DT_NULL ? 0 : get(count);
    require(relative <= entries.size(), "the relocations are fewer than their count");
    const auto kind = [](const auto& entry) { return entry.r_info; };
    require(std::all_of(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(relative),
                        [&](const auto& entry) { return kind(entry) == kind(entries.front()); }),
            "the relative relocations are of several kinds");
  }

  const FileBytes& bytes_;
  const ElfTables& elf_;
  std::vector<ElfW(Dyn)> entries_;
  std::vector<Symbol> symbols_;
};

}  // namespace

void check_dynamic_section(const FileBytes& bytes, const ElfTables& elf) {
  DynamicSection(bytes, elf).check();
}

}  // namespace gantry
