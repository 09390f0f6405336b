// SPDX-License-Identifier: Apache-2.0
#include "background_start.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>

#include "await_descriptor.hpp"

namespace gantry::cli {
namespace {

constexpr int kKeptAs = 3;

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{-1, -1};
  [[maybe_unused]] const auto noticed_by_the_descriptors = ::pipe2(ends.data(), O_CLOEXEC);
  return ends;
}

class SpawnActions {
 public:
  SpawnActions(int output, int kept) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, kept, kKeptAs);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, kKeptAs + 1);
  }
  SpawnActions(const SpawnActions&) = delete;
  ~SpawnActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

}  // namespace

BackgroundStart::BackgroundStart(DevProgram& program, int kept)
    : BackgroundStart(program, kept, make_pipe()) {}

BackgroundStart::BackgroundStart(DevProgram& program, int kept, std::array<int, 2> pipe)
    : output_(pipe[0], "pipe") {
  const FileDescriptor theirs(pipe[1], "pipe");
  const SpawnActions actions(theirs.get(), kept);
  const int error = ::posix_spawn(&pid_, program.path().c_str(), actions.get(), nullptr,
                                  program.argv().data(), environ);
  if (error == 0) return;
  throw std::system_error(error, std::generic_category(), "cannot start " + program.path());
}

std::optional<std::string> BackgroundStart::output(Deadline deadline) const {
  std::string text;
  while (await_readable(output_.get(), deadline)) {
    std::array<char, 1024> piece{};
    const auto size = ::read(output_.get(), piece.data(), piece.size());
    if (size == 0) return text;
    if (size > 0) text.append(piece.data(), static_cast<std::size_t>(size));
  }
  return std::nullopt;
}

ExitCode BackgroundStart::exit_code() const {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  return WIFEXITED(status) ? static_cast<ExitCode>(WEXITSTATUS(status)) : ExitCode::failed;
}

void BackgroundStart::kill() const {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace gantry::cli
