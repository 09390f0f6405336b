// SPDX-License-Identifier: Apache-2.0
// Gives every file of a directory to a fuzz target, once: what has been found stays mended, with
// any compiler and under any sanitizer. The last line names the input that a crash is to be blamed
// on.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "property.hpp"

namespace {

std::vector<std::filesystem::path> files_of(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) files.push_back(entry);
  std::sort(files.begin(), files.end());
  return files;
}

bool passes(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(stream), {});
  std::printf("%s\n", file.c_str());
  std::fflush(stdout);
  try {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    return true;
  } catch (const std::exception& error) {
    std::printf("FAILED: %s\n", error.what());
    return false;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: corpus_TARGET DIRECTORY\n");
    return 2;
  }
  const auto files = files_of(argv[1]);
  const auto failed =
      std::count_if(files.begin(), files.end(), [](const auto& f) { return !passes(f); });
  std::printf("%zu inputs, %zu failed\n", files.size(), static_cast<std::size_t>(failed));
  return files.empty() || failed > 0 ? 1 : 0;
}
