// SPDX-License-Identifier: Apache-2.0
#include "queue_names.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "gantry/error.hpp"
#include "gantry/kit/wire.hpp"

namespace gantry::rabbit {
namespace {

constexpr std::chrono::seconds kLockLimit{5};
constexpr std::chrono::milliseconds kTryEvery{10};
constexpr const char* kCounters = "/dev/shm";

[[noreturn]] void fail(const std::string& path, int error) {
  throw TransportDriverError(
      fmt::format("use_queue_manager: {}: {}", path, std::system_category().message(error)));
}

class File {
 public:
  // Opened without O_CREAT first: with it the kernel refuses what another user owns in a directory
  // that everyone may write to.
  explicit File(std::string path) : path_(std::move(path)) {
    constexpr int kFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
    fd_ = ::open(path_.c_str(), kFlags);
    if (fd_ < 0 && errno == ENOENT) fd_ = ::open(path_.c_str(), kFlags | O_CREAT, 0644);
    if (fd_ < 0) fail(path_, errno);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { ::close(fd_); }

  // For as long as it is open. The lock belongs to the open file, so it also keeps the threads of
  // one process apart, and it excludes the locks that Python's fasteners takes.
  void lock(Deadline deadline) {
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    while (::fcntl(fd_, F_OFD_SETLK, &whole) != 0) {
      if (errno != EAGAIN && errno != EACCES && errno != EINTR) fail(path_, errno);
      if (deadline.expired())
        throw MessagingTimeout(fmt::format(
            "use_queue_manager: another process holds the lock {} (fuser -v shows which)", path_));
      std::this_thread::sleep_for(kTryEvery);  // the kernel has no lock with a deadline
    }
  }

  std::string read() const {
    char text[128];
    const auto size = ::pread(fd_, text, sizeof(text), 0);
    if (size < 0) fail(path_, errno);
    return {text, static_cast<std::size_t>(size)};
  }
  void write(std::string_view text) {
    const auto size = static_cast<ssize_t>(text.size());
    if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, text.data(), text.size(), 0) != size)
      fail(path_, errno);
  }

 private:
  const std::string path_;
  int fd_;
};

// The processes of one run of a service: one process group. Its number may come again after a
// restart, with another start.
struct Generation {
  std::int64_t group = 0;
  std::int64_t start = 0;

  friend bool operator==(const Generation&, const Generation&) = default;
};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The 22nd word of the leader's stat, as oslo.messaging counts the words. Its own process stands in
// for a leader that is outside the container, and then has the group 0.
Generation current_generation() {
  constexpr std::size_t kStart = 21;
  const auto group = ::getpgrp();
  const auto path = fmt::format("/proc/{}/stat", group != 0 ? group : ::getpid());
  std::ifstream file(path);
  const std::vector<std::string> words{std::istream_iterator<std::string>(file), {}};
  const auto start = words.size() > kStart ? number(words[kStart]) : std::nullopt;
  if (!start)
    throw TransportDriverError(
        fmt::format("use_queue_manager: {} does not tell when the process group's leader was "
                    "started: it may have ended; start the program as a leader (setsid), or leave "
                    "use_queue_manager off",
                    path));
  return {group, *start};
}

struct Counter {
  Generation generation;
  std::int64_t count = 0;
};

// None where it was never written, or broken off.
std::optional<Counter> parse(const std::string& text) {
  const auto fields = split(text.substr(0, text.find('\n')), ':');
  if (fields.size() != 3) return std::nullopt;
  const auto group = number(fields[0]);
  const auto count = number(fields[1]);
  const auto start = number(fields[2]);
  if (!group || !count || !start) return std::nullopt;
  return Counter{{*group, *start}, *count};
}

std::int64_t next_number(const QueueNaming& naming, Deadline deadline) {
  const auto& directory = naming.lock_directory.empty() ? kCounters : naming.lock_directory;
  File lock(fmt::format("{}/oslo_read_shm_{}_{}", directory, naming.host, naming.process));
  lock.lock(std::min(deadline, Deadline::after(kLockLimit)));
  const auto now = current_generation();
  File file(fmt::format("{}/{}_{}_qmanager", kCounters, naming.host, naming.process));
  const auto last = parse(file.read());
  const auto next = last && last->generation == now ? last->count + 1 : 1;
  file.write(fmt::format("{}:{}:{}", now.group, next, now.start));
  return next;
}

}  // namespace

std::string queue_name_suffix(const QueueNaming& naming, Deadline deadline) {
  if (!naming.numbered) return wire::new_id();
  return fmt::format("{}:{}:{}", naming.host, naming.process, next_number(naming, deadline));
}

}  // namespace gantry::rabbit
