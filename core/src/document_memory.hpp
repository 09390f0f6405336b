// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/json/memory_resource.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/storage_ptr.hpp>
#include <cstddef>
#include <type_traits>

namespace gantry {

// Memory of one document that is built once and then read: it comes in one piece, where that is
// enough, and goes as a whole. Shared by the values that stand in it.
class DocumentMemory final : public boost::json::memory_resource {
 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    return pieces_.allocate(bytes, alignment);
  }
  void do_deallocate(void*, std::size_t, std::size_t) override {}
  bool do_is_equal(const boost::json::memory_resource& other) const noexcept override {
    return this == &other;
  }

  static constexpr std::size_t kUsual = 800;  // from 1024 bytes on malloc has no cache of pieces
  alignas(std::max_align_t) std::array<unsigned char, kUsual> first_;
  boost::json::monotonic_resource pieces_{first_.data(), first_.size()};
};

inline boost::json::storage_ptr document_memory() {
  return boost::json::make_shared_resource<DocumentMemory>();
}

}  // namespace gantry

template <>
struct boost::json::is_deallocate_trivial<gantry::DocumentMemory> : std::true_type {};
