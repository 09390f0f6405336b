// SPDX-License-Identifier: Apache-2.0
#include "dev_program.hpp"

#include <fcntl.h>

#include <filesystem>

#include "errors.hpp"
#include "file_descriptor.hpp"

namespace gantry::cli {
namespace {

namespace fs = std::filesystem;

constexpr auto kName = "gantry-dev-kafka";

std::string find_program() {
  const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
  // Relative, so that an installation may be moved.
  const fs::path libexec = fs::path(GANTRY_LIBEXEC_DIR).lexically_relative(GANTRY_BIN_DIR);
  std::string searched;
  for (const fs::path& directory : {here, (here / libexec).lexically_normal()}) {
    const fs::path program = directory / kName;
    if (::access(program.c_str(), X_OK) == 0) return program;
    searched += (searched.empty() ? "" : ", ") + directory.string();
  }
  throw CommandError(ExitCode::not_found,
                     std::string("this build has no ") + kName +
                         ", which is made where librdkafka is found (package librdkafka-dev)"
                         "\n  searched: " +
                         searched);
}

}  // namespace

DevProgram::DevProgram(const std::vector<std::string>& arguments) : words_{find_program()} {
  words_.insert(words_.end(), arguments.begin(), arguments.end());
}

std::vector<char*> DevProgram::argv() {
  std::vector<char*> argv;
  for (std::string& word : words_) argv.push_back(word.data());
  argv.push_back(nullptr);
  return argv;
}

void DevProgram::become() {
  {
    const FileDescriptor null(::open("/dev/null", O_RDONLY | O_CLOEXEC), "open /dev/null");
    ::dup2(null.get(), STDIN_FILENO);
  }
  ::execv(path().c_str(), argv().data());
  throw std::system_error(errno, std::generic_category(), "cannot start " + path());
}

}  // namespace gantry::cli
