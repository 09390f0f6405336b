// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <limits>
#include <set>
#include <string_view>
#include <vector>

#include "elf_dynamic.hpp"

namespace gantry {
namespace {

using Address = DynamicSection::Address;
using Size = DynamicSection::Size;
using Half = ElfW(Half);
using Word = ElfW(Word);

void require(bool sound, const char* fault) { DynamicSection::require(sound, fault); }

std::vector<char> names_of(const DynamicSection& dynamic) {
  auto names =
      dynamic.table<char>(dynamic.get(DT_STRTAB), dynamic.get(DT_STRSZ), "the names are no table");
  require(!names.empty() && names.back() == '\0', "the names have no end");
  return names;
}

// The libraries that the file needs, by name.
std::set<std::string_view> needed_libraries(const DynamicSection& dynamic,
                                            const std::vector<char>& names) {
  std::set<std::string_view> libraries;
  for (const auto& entry : dynamic.entries()) {
    const bool is_name = entry.d_tag == DT_NEEDED || entry.d_tag == DT_SONAME ||
                         entry.d_tag == DT_RPATH || entry.d_tag == DT_RUNPATH;
    if (!is_name) continue;
    require(entry.d_un.d_val < names.size(), "the dynamic section points outside of the names");
    if (entry.d_tag == DT_NEEDED) libraries.insert(names.data() + entry.d_un.d_val);
  }
  return libraries;
}

void check_places(const DynamicSection& dynamic) {
  for (const auto& symbol : dynamic.symbols()) {
    require(symbol.st_name < dynamic.get(DT_STRSZ), "a symbol's name lies outside of the names");
    const bool is_here = symbol.st_shndx != SHN_UNDEF && symbol.st_shndx < SHN_LORESERVE &&
                         (symbol.st_info & 0xfU) != STT_TLS;
    require(!is_here || dynamic.elf().segment_at(symbol.st_value, symbol.st_size) != nullptr,
            "a symbol lies outside of what is loaded");
  }
}

// The versions that are needed of other libraries, by their numbers in this file. The chains end
// with a step of 0; every other step leads on, so a wild one leaves the file. ld.so aborts over a
// version of a library that is not needed.
std::set<Half> needed_versions(const DynamicSection& dynamic) {
  const auto names = names_of(dynamic);
  const auto libraries = needed_libraries(dynamic, names);
  std::set<Half> numbers;
  ElfW(Verneed) need{};
  for (auto at = dynamic.get(DT_VERNEED); at != 0; at = need.vn_next == 0 ? 0 : at + need.vn_next) {
    need = dynamic.table<ElfW(Verneed)>(at, 1, "a needed version is not there").front();
    require(need.vn_file < names.size() && libraries.contains(names.data() + need.vn_file),
            "a version is of no needed library");
    ElfW(Vernaux) version{};
    for (auto entry = at + need.vn_aux; entry != 0;
         entry = version.vna_next == 0 ? 0 : entry + version.vna_next) {
      version = dynamic.table<ElfW(Vernaux)>(entry, 1, "a needed version is not there").front();
      require(version.vna_name < names.size(), "a version has no name");
      numbers.insert(version.vna_other & std::numeric_limits<std::int16_t>::max());
    }
  }
  return numbers;
}

// Plugins define no versions of their own, or ones with small numbers that follow each other.
void check_versions(const DynamicSection& dynamic) {
  const auto needed = needed_versions(dynamic);
  if (!dynamic.has(DT_VERSYM)) return;
  const auto versions = dynamic.table<Half>(dynamic.get(DT_VERSYM), dynamic.symbols().size(),
                                            "the symbols' versions are no table");
  const auto own = 1 + dynamic.get(DT_VERDEFNUM);
  for (const auto version : versions) {
    const Half number = version & std::numeric_limits<std::int16_t>::max();
    require(number <= own || needed.contains(number), "a symbol's version is unknown");
  }
}

// The GNU hash table: header, Bloom filter, the first symbol of each bucket, a word per symbol of
// which an odd one ends its chain.
void check_hash(const DynamicSection& dynamic) {
  if (!dynamic.has(DT_GNU_HASH)) return;
  constexpr const char* fault = "the hash table is damaged";
  const auto start = dynamic.get(DT_GNU_HASH);
  const auto header = dynamic.table<Word>(start, 4, fault);
  const Size bucket_count = header[0];
  const Size first = header[1];
  const Size bloom = header[2];
  const Size symbols = dynamic.symbols().size();
  require(bucket_count > 0 && first <= symbols && bloom > 0 && (bloom & (bloom - 1)) == 0 &&
              header[3] < 32,
          fault);
  const auto buckets = start + 4 * sizeof(Word) + bloom * sizeof(Address);
  bool used = false;
  for (const auto symbol : dynamic.table<Word>(buckets, bucket_count, fault)) {
    require(symbol == 0 || (symbol >= first && symbol < symbols), fault);
    used = used || symbol != 0;
  }
  if (!used) return;
  const auto chains =
      dynamic.table<Word>(buckets + bucket_count * sizeof(Word), symbols - first, fault);
  require((chains.back() & 1U) != 0, fault);
}

}  // namespace

void check_symbols(const DynamicSection& dynamic) {
  check_places(dynamic);
  check_versions(dynamic);
  check_hash(dynamic);
}

}  // namespace gantry
