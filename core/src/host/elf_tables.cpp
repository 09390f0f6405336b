// SPDX-License-Identifier: Apache-2.0
#include "elf_tables.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "refusal.hpp"

namespace gantry {
namespace {

using Header = ElfW(Ehdr);
using Segment = ElfW(Phdr);
using Section = ElfW(Shdr);

void require(bool sound, const std::string& fault) {
  if (!sound) throw Refusal{DriverLoadFailure::Reason::not_a_library, fault};
}

// The header of the library that this code is in: what a plugin has to equal.
const Header& own_header() {
  Dl_info info{};
  ::dladdr(reinterpret_cast<const void*>(&own_header), &info);
  return *static_cast<const Header*>(info.dli_fbase);
}

Header read_header(const FileBytes& bytes) {
  require(bytes.size() > 0, "it is empty");
  const auto magic =
      bytes.read<char>(0, std::min<std::uint64_t>(bytes.size(), SELFMAG), "its start");
  require(magic.size() == SELFMAG && std::memcmp(magic.data(), ELFMAG, SELFMAG) == 0,
          "it is no ELF file");
  const auto header = bytes.read<Header>(0, 1, "the ELF header").front();
  const auto& own = own_header();
  require(header.e_ident[EI_CLASS] == own.e_ident[EI_CLASS] &&
              header.e_ident[EI_DATA] == own.e_ident[EI_DATA] && header.e_machine == own.e_machine,
          "it was built for another machine (ELF machine " + std::to_string(header.e_machine) +
              ", this host is " + std::to_string(own.e_machine) + ")");
  require(header.e_type == ET_DYN, "it is no shared object (ELF type " +
                                       std::to_string(header.e_type) + "); link it with -shared");
  require(header.e_ident[EI_VERSION] == EV_CURRENT && header.e_version == EV_CURRENT,
          "it has an unknown ELF version");
  require(header.e_ehsize == sizeof(Header) && header.e_phentsize == sizeof(Segment) &&
              header.e_shentsize == sizeof(Section),
          "its ELF header is damaged");
  return header;
}

bool within(ElfW(Addr) address, ElfW(Xword) length, ElfW(Addr) start, ElfW(Xword) size) {
  return address >= start && address - start <= size && length <= size - (address - start);
}

void check_loaded(const Segment& segment, ElfW(Addr) previous_end) {
  require(segment.p_filesz <= segment.p_memsz, "a segment is larger in the file than in memory");
  require(segment.p_vaddr >= previous_end, "its segments overlap");
  require(segment.p_vaddr <= PTRDIFF_MAX && segment.p_memsz <= PTRDIFF_MAX - segment.p_vaddr,
          "a segment lies outside the address space");
  const auto align = segment.p_align;
  require(
      align != 0 && (align & (align - 1)) == 0 && (segment.p_vaddr - segment.p_offset) % align == 0,
      "a segment is not aligned");
}

void check_segments(const FileBytes& bytes, const ElfTables& elf) {
  ElfW(Addr) end = 0;
  std::size_t dynamics = 0;
  for (const auto& segment : elf.segments) {
    require(bytes.holds(segment.p_offset, segment.p_filesz),
            "it is truncated or damaged: a segment lies outside the file");
    if (segment.p_type == PT_DYNAMIC) ++dynamics;
    if (segment.p_type != PT_LOAD) continue;
    check_loaded(segment, end);
    end = segment.p_vaddr + segment.p_memsz;
  }
  require(end > 0, "it has nothing to load");
  require(dynamics == 1, "it has no dynamic section");
}

// What is not loaded itself lies within what is: a wild one makes the linker change or read memory
// of the host. The last page of a segment belongs to it.
void check_inner_segments(const ElfTables& elf) {
  constexpr ElfW(Xword) page = 4096;
  for (const auto& segment : elf.segments) {
    if (segment.p_type == PT_LOAD || segment.p_memsz == 0) continue;
    const bool inside =
        std::any_of(elf.segments.begin(), elf.segments.end(), [&](const auto& load) {
          const auto rounded = (load.p_memsz + page - 1 + load.p_vaddr % page) / page * page;
          return load.p_type == PT_LOAD &&
                 within(segment.p_vaddr, segment.p_memsz, load.p_vaddr, rounded);
        });
    require(inside || segment.p_type == PT_GNU_STACK,
            "it is damaged: a segment lies outside of what is loaded");
  }
}

void check_sections(const FileBytes& bytes, const ElfTables& elf) {
  for (const auto& section : elf.sections) {
    if (section.sh_type == SHT_NOBITS || section.sh_type == SHT_NULL) continue;
    require(bytes.holds(section.sh_offset, section.sh_size),
            "it is truncated or damaged: a section lies outside the file");
  }
  require(elf.header.e_shstrndx < elf.sections.size() &&
              elf.sections[elf.header.e_shstrndx].sh_type == SHT_STRTAB,
          "it has no section names");
}

}  // namespace

ElfTables ElfTables::read(const FileBytes& bytes) {
  const auto header = read_header(bytes);
  require(header.e_phnum > 0 && header.e_phnum < PN_XNUM, "its segment table is damaged");
  require(header.e_shnum > 0, "it has no section table; do not strip the section headers");
  ElfTables elf{header, bytes.read<Segment>(header.e_phoff, header.e_phnum, "the segment table"),
                bytes.read<Section>(header.e_shoff, header.e_shnum, "the section table")};
  check_segments(bytes, elf);
  check_inner_segments(elf);
  check_sections(bytes, elf);
  return elf;
}

const Segment* ElfTables::segment_at(ElfW(Addr) address, ElfW(Xword) length) const {
  for (const auto& segment : segments) {
    if (segment.p_type == PT_LOAD && within(address, length, segment.p_vaddr, segment.p_memsz)) {
      return &segment;
    }
  }
  return nullptr;
}

std::optional<ElfW(Off)> ElfTables::offset_of(ElfW(Addr) address, ElfW(Xword) length) const {
  const auto* const segment = segment_at(address, length);
  if (segment == nullptr || !within(address, length, segment->p_vaddr, segment->p_filesz)) {
    return std::nullopt;
  }
  return segment->p_offset + (address - segment->p_vaddr);
}

}  // namespace gantry
