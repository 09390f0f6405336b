// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "elf_dynamic.hpp"

namespace gantry {
namespace {

using Size = DynamicSection::Size;
using Tag = DynamicSection::Tag;

constexpr Size symbol_of(Size relocation_info) {
  return __ELF_NATIVE_CLASS == 64 ? relocation_info >> 32U : relocation_info >> 8U;
}

template <class Relocation>
std::vector<Relocation> checked(const DynamicSection& dynamic, Tag address, Tag size) {
  if (!dynamic.has(address)) return {};
  dynamic.require(dynamic.get(size) % sizeof(Relocation) == 0, "the relocations have a wrong size");
  auto entries = dynamic.table<Relocation>(
      dynamic.get(address), dynamic.get(size) / sizeof(Relocation), "the relocations are no table");
  for (const auto& entry : entries) {
    const auto* const segment =
        dynamic.elf().segment_at(entry.r_offset, sizeof(DynamicSection::Address));
    dynamic.require(segment != nullptr && (segment->p_flags & PF_W) != 0,
                    "a relocation lies outside of the data");
    dynamic.require(symbol_of(entry.r_info) < dynamic.symbols().size(),
                    "a relocation names no symbol");
  }
  return entries;
}

// The first so many relocations need no symbol and are all of one kind: ld.so aborts if they are
// not.
template <class Relocation>
void check_relative(const std::vector<Relocation>& entries, Size count) {
  DynamicSection::require(count <= entries.size(), "the relocations are fewer than their count");
  const bool alike =
      std::all_of(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(count),
                  [&](const auto& entry) {
                    return entry.r_info == entries.front().r_info && symbol_of(entry.r_info) == 0;
                  });
  DynamicSection::require(alike, "the relative relocations are of several kinds");
}

}  // namespace

void check_relocations(const DynamicSection& dynamic) {
  check_relative(checked<ElfW(Rela)>(dynamic, DT_RELA, DT_RELASZ), dynamic.get(DT_RELACOUNT));
  check_relative(checked<ElfW(Rel)>(dynamic, DT_REL, DT_RELSZ), dynamic.get(DT_RELCOUNT));
  if (!dynamic.has(DT_JMPREL)) return;
  const auto kind = dynamic.get(DT_PLTREL);
  dynamic.require(kind == DT_RELA || kind == DT_REL, "the kind of its relocations is unknown");
  if (kind == DT_RELA) checked<ElfW(Rela)>(dynamic, DT_JMPREL, DT_PLTRELSZ);
  if (kind == DT_REL) checked<ElfW(Rel)>(dynamic, DT_JMPREL, DT_PLTRELSZ);
}

}  // namespace gantry
