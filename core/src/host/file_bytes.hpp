// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <type_traits>
#include <vector>

namespace gantry {

// A file, read by position. It is not mapped: a file that shrinks meanwhile would kill the reader.
class FileBytes {
 public:
  explicit FileBytes(const std::filesystem::path& file);  // throws Refusal (not_a_library)
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;
  ~FileBytes();

  std::uint64_t size() const noexcept { return size_; }
  bool holds(std::uint64_t offset, std::uint64_t length) const noexcept {
    return offset <= size_ && length <= size_ - offset;
  }

  // `count` records from `offset` on; `what` names them where they are not inside the file. Throws
  // Refusal (not_a_library).
  template <class Record>
  std::vector<Record> read(std::uint64_t offset, std::uint64_t count, std::string_view what) const {
    static_assert(std::is_trivially_copyable_v<Record>);
    require(count <= size_ / sizeof(Record) && holds(offset, count * sizeof(Record)), what);
    std::vector<Record> records(count);
    fill(records.data(), count * sizeof(Record), offset, what);
    return records;
  }

 private:
  static void require(bool inside, std::string_view what);
  void fill(void* to, std::size_t length, std::uint64_t offset, std::string_view what) const;

  int fd_;
  std::uint64_t size_ = 0;
};

}  // namespace gantry
