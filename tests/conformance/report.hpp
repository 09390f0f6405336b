// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::conformance {

struct Result {
  enum class End { passed, failed, skipped };

  std::string_view theme;
  std::string_view name;
  End end = End::passed;
  std::string text{};  // why it failed or was skipped
  std::chrono::duration<double> took{};
};

// TAP 13 on standard output, a line a case as soon as it has ended; what is said of a failure
// stands in comments below its line.
class Tap {
 public:
  void plan(std::size_t cases);
  void add(const Result& result);
  void comment(std::string_view text);
  void bail_out(std::string_view text);

 private:
  std::size_t number_ = 0;
};

// The results as JUnit's XML. Throws std::runtime_error where the file cannot be written.
void write_junit(const std::string& file, std::string_view suite,
                 const std::vector<Result>& results);

}  // namespace gantry::conformance
