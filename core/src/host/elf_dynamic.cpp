// SPDX-License-Identifier: Apache-2.0
#include "elf_dynamic.hpp"

#include <algorithm>
#include <utility>

namespace gantry {

DynamicSection::DynamicSection(const FileBytes& bytes, const ElfTables& elf)
    : bytes_(bytes), elf_(elf), entries_(read_entries()), symbols_(read_symbols()) {
  check_tables();
  check_sizes();
}

// Of a tag that stands twice the last one counts, as in the linker.
const ElfW(Dyn) * DynamicSection::find(Tag tag) const {
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(),
                                  [tag](const auto& entry) { return entry.d_tag == tag; });
  return found == entries_.rend() ? nullptr : &*found;
}

DynamicSection::Size DynamicSection::get(Tag tag) const {
  const auto* const entry = find(tag);
  return entry == nullptr ? 0 : entry->d_un.d_val;
}

std::vector<ElfW(Dyn)> DynamicSection::read_entries() const {
  const auto segment = std::find_if(elf_.segments.begin(), elf_.segments.end(),
                                    [](const auto& s) { return s.p_type == PT_DYNAMIC; });
  auto entries = table<ElfW(Dyn)>(segment->p_vaddr, segment->p_filesz / sizeof(ElfW(Dyn)),
                                  "the dynamic section is not loaded");
  require(segment->p_offset == elf_.offset_of(segment->p_vaddr, segment->p_filesz),
          "the dynamic section is not where its segment says");
  const auto end = std::find_if(entries.begin(), entries.end(),
                                [](const auto& entry) { return entry.d_tag == DT_NULL; });
  require(end != entries.end(), "the dynamic section has no end");
  entries.erase(end, entries.end());
  return entries;
}

std::vector<ElfW(Sym)> DynamicSection::read_symbols() const {
  const auto section = std::find_if(elf_.sections.begin(), elf_.sections.end(),
                                    [](const auto& s) { return s.sh_type == SHT_DYNSYM; });
  require(section != elf_.sections.end(), "it has no dynamic symbols");
  require(section->sh_entsize == sizeof(ElfW(Sym)) && section->sh_addr == get(DT_SYMTAB) &&
              section->sh_offset == elf_.offset_of(section->sh_addr, section->sh_size),
          "the symbol table is not where the dynamic section says");
  return table<ElfW(Sym)>(section->sh_addr, section->sh_size / sizeof(ElfW(Sym)), "the symbols");
}

// A table starts where a section does and ends where one does (relocations may span two).
bool DynamicSection::is_whole_sections(Address address, Size size) const {
  const auto loaded = [](const auto& section) { return (section.sh_flags & SHF_ALLOC) != 0; };
  const auto& sections = elf_.sections;
  const bool starts = std::any_of(sections.begin(), sections.end(), [&](const auto& section) {
    return loaded(section) && section.sh_addr == address;
  });
  const bool ends = std::any_of(sections.begin(), sections.end(), [&](const auto& section) {
    return loaded(section) && section.sh_addr + section.sh_size == address + size;
  });
  return starts && ends;
}

void DynamicSection::check_tables() const {
  const std::pair<Tag, Tag> sized[] = {{DT_STRTAB, DT_STRSZ},
                                       {DT_RELA, DT_RELASZ},
                                       {DT_REL, DT_RELSZ},
                                       {DT_RELR, DT_RELRSZ},
                                       {DT_JMPREL, DT_PLTRELSZ},
                                       {DT_INIT_ARRAY, DT_INIT_ARRAYSZ},
                                       {DT_FINI_ARRAY, DT_FINI_ARRAYSZ}};
  for (const auto& [address, size] : sized) {
    require(has(address) == has(size), "a table lacks its place or its size");
    if (!has(address)) continue;
    require(elf_.segment_at(get(address), get(size)) != nullptr &&
                is_whole_sections(get(address), get(size)),
            "the dynamic section and the section table disagree");
  }
  require(has(DT_STRTAB), "the dynamic section has no names");
  require(has(DT_RELA) == has(DT_RELAENT) && has(DT_REL) == has(DT_RELENT) &&
              has(DT_RELR) == has(DT_RELRENT) && has(DT_JMPREL) == has(DT_PLTREL),
          "the kind of its relocations is unknown");
  require(has(DT_VERSYM) == (has(DT_VERNEED) || has(DT_VERDEF)),
          "the symbols' versions are incomplete");
  for (const auto tag : {DT_INIT, DT_FINI, DT_PLTGOT}) {
    require(!has(tag) || elf_.segment_at(get(tag), sizeof(Address)) != nullptr,
            "the dynamic section points outside of what is loaded");
  }
}

void DynamicSection::check_sizes() const {
  const std::pair<Tag, Size> sizes[] = {{DT_SYMENT, sizeof(ElfW(Sym))},
                                        {DT_RELAENT, sizeof(ElfW(Rela))},
                                        {DT_RELENT, sizeof(ElfW(Rel))},
                                        {DT_RELRENT, sizeof(Address)}};
  for (const auto& [tag, size] : sizes) {
    require(!has(tag) || get(tag) == size, "a table's entries have the wrong size");
  }
  require(!has(DT_TEXTREL) && (get(DT_FLAGS) & DF_TEXTREL) == 0,
          "its code needs relocations; compile it with -fPIC");
}

}  // namespace gantry
