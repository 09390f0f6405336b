// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstddef>

#include "captured_log.hpp"
#include "gantry/transport_url.hpp"

namespace gantry {
namespace {

constexpr sock_filter jump_if(unsigned number, unsigned char to_kill) {
  return {BPF_JMP | BPF_JEQ | BPF_K, to_kill, 0, number};
}

// From here on a call that opens a file or a socket ends the process. Whether that could be had.
bool forbid_files_and_sockets() {
  constexpr std::array rules{
      sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      jump_if(SYS_openat, 4),
      jump_if(SYS_socket, 3),
      jump_if(SYS_connect, 2),
      jump_if(SYS_sendto, 1),
      sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
      sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS},
  };
  auto filter = rules;
  const sock_fprog program{filter.size(), filter.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

constexpr int kNoSandbox = 77;

void in_sandbox(void (*act)()) {
  const test::CapturedLog quiet;
  if (!forbid_files_and_sockets()) ::_exit(kNoSandbox);
  act();
  ::_exit(0);
}

int exit_code;
bool keep_exit_code(int status) {
  exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return true;
}

void parse_urls() {
  for (const auto* text : {"rabbit://u:p@mq.example.org:5672,[::1]/v?a=1", "foo://h1,u:p@h2",
                           "kafka://localhost", "foo://[fe80::1%lo]"}) {
    TransportUrl::parse(text);
  }
}

void touch_a_file() { ::close(::open("/dev/null", 0)); }

TEST(TransportUrlDeathTest, URL_33_ParsingTouchesNoFileAndNoSocket) {
  EXPECT_EXIT(in_sandbox(touch_a_file), keep_exit_code, "");
  if (exit_code == kNoSandbox) GTEST_SKIP() << "this kernel has no seccomp filters";
  ASSERT_EQ(exit_code, -1) << "the sandbox does not hold";
  EXPECT_EXIT(in_sandbox(parse_urls), keep_exit_code, "");
  EXPECT_EQ(exit_code, 0);
}

}  // namespace
}  // namespace gantry
