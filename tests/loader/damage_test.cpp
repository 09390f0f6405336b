// SPDX-License-Identifier: Apache-2.0
// Truncated and damaged copies of a good plugin. Given to dlopen, most of these kill the process
// (SIGBUS, SIGSEGV, exit 127); here each is refused and the process goes on.
#include <elf.h>
#include <gmock/gmock.h>
#include <link.h>

#include <cstring>
#include <functional>

#include "plugin_files.hpp"

namespace gantry {
namespace {

using Header = ElfW(Ehdr);
using Segment = ElfW(Phdr);
using Section = ElfW(Shdr);
using Dynamic = ElfW(Dyn);
using Relocation = ElfW(Rela);
using Symbol = ElfW(Sym);

constexpr ElfW(Addr) kWild = 0x7fff'ffff'f000;

// The good plugin's bytes, with its tables laid over them.
class Image {
 public:
  template <class Record>
  Record& at(std::size_t offset, std::size_t index = 0) {
    return *reinterpret_cast<Record*>(bytes_.data() + offset + index * sizeof(Record));
  }
  Header& header() { return at<Header>(0); }
  Segment& segment(unsigned type) {
    for (std::size_t i = 0; i < header().e_phnum; ++i) {
      auto& segment = at<Segment>(header().e_phoff, i);
      if (segment.p_type == type) return segment;
    }
    throw std::out_of_range("segment " + std::to_string(type));
  }
  Section& section(unsigned type) {
    for (std::size_t i = 0; i < header().e_shnum; ++i) {
      auto& section = at<Section>(header().e_shoff, i);
      if (section.sh_type == type) return section;
    }
    throw std::out_of_range("section " + std::to_string(type));
  }
  Dynamic* entry(ElfW(Sxword) tag) {
    const auto offset = segment(PT_DYNAMIC).p_offset;
    for (std::size_t i = 0; at<Dynamic>(offset, i).d_tag != DT_NULL; ++i) {
      if (at<Dynamic>(offset, i).d_tag == tag) return &at<Dynamic>(offset, i);
    }
    return nullptr;
  }
  Relocation& relocation(std::size_t index) {
    return at<Relocation>(section(SHT_RELA).sh_offset, index);
  }
  Symbol& symbol(std::size_t index) { return at<Symbol>(section(SHT_DYNSYM).sh_offset, index); }
  ElfW(Half) & version(std::size_t index) {
    return at<ElfW(Half)>(section(SHT_GNU_versym).sh_offset, index);
  }
  ElfW(Verneed) & needed() { return at<ElfW(Verneed)>(section(SHT_GNU_verneed).sh_offset); }
  ElfW(Word) & hash(std::size_t index) {
    return at<ElfW(Word)>(section(SHT_GNU_HASH).sh_offset, index);
  }
  // The first symbol that the plugin defines: its driver.
  Symbol& driver() {
    for (std::size_t i = 1;; ++i) {
      if (symbol(i).st_shndx != SHN_UNDEF) return symbol(i);
    }
  }
  Bytes& bytes() { return bytes_; }

 private:
  Bytes bytes_ = PluginFolder::read("good");
};

struct Damage {
  const char* name;
  std::function<void(Image&)> make;
};

class Damaged : public Loader {
 protected:
  void expect_refused(const std::string& what, const Bytes& bytes) const {
    folder_.add("good", bytes);
    const auto error = failure("good");
    ASSERT_TRUE(error) << what << ": it was found";
    EXPECT_EQ(error->reason(), Reason::not_a_library) << what << ": " << error->what();
    EXPECT_FALSE(code_ran()) << what;
  }
  void expect_refused(std::initializer_list<Damage> damages) const {
    for (const auto& damage : damages) {
      Image image;
      damage.make(image);
      expect_refused(damage.name, image.bytes());
    }
  }
};

TEST_F(Damaged, NotALibrary_TruncatedAnywhere) {
  const auto whole = PluginFolder::read("good");
  for (std::size_t part = 0; part < 64; ++part) {
    const auto size = whole.size() * part / 64;
    expect_refused("the first " + std::to_string(size) + " bytes",
                   Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
  }
  expect_refused("all but the last byte", Bytes(whole.begin(), whole.end() - 1));
}

TEST_F(Damaged, NotALibrary_ForAnotherMachine) {
  expect_refused({
      {"machine", [](auto& elf) { elf.header().e_machine ^= 1; }},
      {"class", [](auto& elf) { elf.header().e_ident[EI_CLASS] ^= 3; }},
      {"byte order", [](auto& elf) { elf.header().e_ident[EI_DATA] ^= 3; }},
      {"executable", [](auto& elf) { elf.header().e_type = ET_EXEC; }},
      {"object file", [](auto& elf) { elf.header().e_type = ET_REL; }},
      {"version", [](auto& elf) { elf.header().e_version = 9; }},
  });
}

TEST_F(Damaged, NotALibrary_TablesOutsideTheFile) {
  expect_refused({
      {"e_phoff", [](auto& elf) { elf.header().e_phoff = kWild; }},
      {"e_phoff at the very end", [](auto& elf) { elf.header().e_phoff = ~ElfW(Off){0}; }},
      {"e_phnum", [](auto& elf) { elf.header().e_phnum = 0xffff; }},
      {"no segments", [](auto& elf) { elf.header().e_phnum = 0; }},
      {"e_phentsize", [](auto& elf) { elf.header().e_phentsize = 1; }},
      {"e_shoff", [](auto& elf) { elf.header().e_shoff = kWild; }},
      {"e_shnum", [](auto& elf) { elf.header().e_shnum = 0xfff0; }},
      {"no sections", [](auto& elf) { elf.header().e_shnum = 0; }},
      {"e_shentsize", [](auto& elf) { elf.header().e_shentsize = 1; }},
      {"e_shstrndx", [](auto& elf) { elf.header().e_shstrndx = 0xfff0; }},
      {"a symbol table's place", [](auto& elf) { elf.section(SHT_DYNSYM).sh_offset = kWild; }},
      {"a symbol table's size", [](auto& elf) { elf.section(SHT_DYNSYM).sh_size = kWild; }},
      {"names' size", [](auto& elf) { elf.section(SHT_STRTAB).sh_size = ~ElfW(Xword){0}; }},
  });
}

TEST_F(Damaged, NotALibrary_WildSegments) {
  expect_refused({
      {"offset", [](auto& elf) { elf.segment(PT_LOAD).p_offset = kWild; }},
      {"file size", [](auto& elf) { elf.segment(PT_LOAD).p_filesz = ~ElfW(Xword){0}; }},
      {"memory size", [](auto& elf) { elf.segment(PT_LOAD).p_memsz = 0; }},
      {"address", [](auto& elf) { elf.segment(PT_LOAD).p_vaddr = kWild; }},
      {"alignment", [](auto& elf) { elf.segment(PT_LOAD).p_align = 3; }},
      {"relro", [](auto& elf) { elf.segment(PT_GNU_RELRO).p_vaddr = kWild; }},
      {"relro's size", [](auto& elf) { elf.segment(PT_GNU_RELRO).p_memsz += 1U << 24U; }},
      {"no dynamic section", [](auto& elf) { elf.segment(PT_DYNAMIC).p_type = PT_NULL; }},
      {"dynamic section", [](auto& elf) { elf.segment(PT_DYNAMIC).p_vaddr = kWild; }},
      {"its offset", [](auto& elf) { elf.segment(PT_DYNAMIC).p_offset += 16; }},
      {"its size", [](auto& elf) { elf.segment(PT_DYNAMIC).p_filesz = sizeof(Dynamic); }},
  });
}

TEST_F(Damaged, NotALibrary_AWildDynamicSection) {
  for (const auto tag : {DT_STRTAB, DT_STRSZ,      DT_SYMTAB,       DT_SYMENT,     DT_GNU_HASH,
                         DT_HASH,   DT_RELA,       DT_RELASZ,       DT_RELAENT,    DT_RELACOUNT,
                         DT_JMPREL, DT_PLTRELSZ,   DT_PLTREL,       DT_PLTGOT,     DT_INIT,
                         DT_FINI,   DT_INIT_ARRAY, DT_INIT_ARRAYSZ, DT_FINI_ARRAY, DT_FINI_ARRAYSZ,
                         DT_VERSYM, DT_VERNEED,    DT_NEEDED,       DT_SONAME,     DT_RUNPATH}) {
    Image image;
    auto* const entry = image.entry(tag);
    if (entry == nullptr) continue;  // what a linker writes differs
    entry->d_un.d_val = kWild;
    expect_refused("tag " + std::to_string(tag), image.bytes());
  }
}

TEST_F(Damaged, NotALibrary_MissingDynamicEntries) {
  for (const auto tag : {DT_STRTAB, DT_STRSZ, DT_SYMTAB, DT_RELA, DT_RELASZ, DT_RELAENT, DT_JMPREL,
                         DT_PLTRELSZ, DT_PLTREL, DT_VERSYM, DT_INIT_ARRAY}) {
    Image image;
    auto* const entry = image.entry(tag);
    if (entry == nullptr) continue;  // what a linker writes differs
    entry->d_tag = DT_DEBUG;
    expect_refused("tag " + std::to_string(tag), image.bytes());
  }
  Image image;
  const auto dynamic = image.segment(PT_DYNAMIC);
  for (std::size_t i = 0; i < dynamic.p_filesz / sizeof(Dynamic); ++i) {
    auto& entry = image.at<Dynamic>(dynamic.p_offset, i);
    if (entry.d_tag == DT_NULL) entry.d_tag = DT_DEBUG;
  }
  expect_refused("no end", image.bytes());
}

TEST_F(Damaged, NotALibrary_RottenRelocations) {
  if (Image().entry(DT_RELA) == nullptr) GTEST_SKIP() << "this machine's relocations are no RELA";
  expect_refused({
      {"place", [](auto& elf) { elf.relocation(1).r_offset = kWild; }},
      {"place in the code", [](auto& elf) { elf.relocation(1).r_offset = 0; }},
      {"kind", [](auto& elf) { elf.relocation(1).r_info ^= 1; }},
      {"symbol", [](auto& elf) { elf.relocation(1).r_info |= ~ElfW(Xword){0} << 56U; }},
  });
}

TEST_F(Damaged, NotALibrary_RottenSymbols) {
  expect_refused({
      {"the driver's address", [](auto& elf) { elf.driver().st_value = kWild; }},
      {"the driver's size", [](auto& elf) { elf.driver().st_size = kWild; }},
      {"a name", [](auto& elf) { elf.symbol(1).st_name = ~ElfW(Word){0}; }},
      {"a version", [](auto& elf) { elf.version(1) = 77; }},
      {"needed versions", [](auto& elf) { elf.needed().vn_aux = ~ElfW(Word){0}; }},
      {"a needed version's library", [](auto& elf) { ++elf.needed().vn_file; }},
      {"the chain of needed versions", [](auto& elf) { elf.needed().vn_next = 1; }},
  });
}

TEST_F(Damaged, NotALibrary_ARottenHashTable) {
  expect_refused({
      {"no buckets", [](auto& elf) { elf.hash(0) = 0; }},
      {"buckets", [](auto& elf) { elf.hash(0) = ~ElfW(Word){0}; }},
      {"first symbol", [](auto& elf) { elf.hash(1) = ~ElfW(Word){0}; }},
      {"Bloom filter", [](auto& elf) { elf.hash(2) = 3; }},
      {"shift", [](auto& elf) { elf.hash(3) = 64; }},
  });
}

}  // namespace
}  // namespace gantry
