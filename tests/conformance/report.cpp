// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <stdexcept>

namespace gantry::conformance {
namespace {

// At once: whoever reads along sees which case runs, also when it never ends.
void print_line(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

std::string one_line(std::string_view text) {
  std::string line(text.substr(0, text.find('\n')));
  return line;
}

// What XML has no place for, control characters above all, becomes a question mark.
std::string escaped(std::string_view text) {
  std::string xml;
  for (const char c : text) {
    switch (c) {
      case '&':
        xml += "&amp;";
        break;
      case '<':
        xml += "&lt;";
        break;
      case '>':
        xml += "&gt;";
        break;
      case '"':
        xml += "&quot;";
        break;
      default:
        xml += static_cast<unsigned char>(c) < 0x20 && c != '\n' ? '?' : c;
    }
  }
  return xml;
}

std::string attribute(std::string_view name, std::string_view value) {
  return ' ' + std::string(name) + "=\"" + escaped(value) + '"';
}

std::string seconds(std::chrono::duration<double> time) { return std::to_string(time.count()); }

std::string count(const std::vector<Result>& results, Result::End end) {
  return std::to_string(std::ranges::count(results, end, &Result::end));
}

std::string junit_case(const Result& result) {
  const auto head = "  <testcase" + attribute("classname", result.theme) +
                    attribute("name", result.name) + attribute("time", seconds(result.took));
  switch (result.end) {
    case Result::End::passed:
      return head + "/>\n";
    case Result::End::skipped:
      return head + "><skipped" + attribute("message", result.text) + "/></testcase>\n";
    case Result::End::failed:
      break;
  }
  return head + "><failure" + attribute("message", one_line(result.text)) + '>' +
         escaped(result.text) + "</failure></testcase>\n";
}

}  // namespace

void Tap::plan(std::size_t cases) {
  print_line("TAP version 13");
  print_line("1.." + std::to_string(cases));
}

void Tap::add(const Result& result) {
  const auto number = std::to_string(++number_);
  auto line = number + " - " + std::string(result.theme) + ": " + std::string(result.name);
  if (result.end == Result::End::skipped) line += " # SKIP " + one_line(result.text);
  print_line((result.end == Result::End::failed ? "not ok " : "ok ") + line);
  if (result.end == Result::End::failed) comment(result.text);
}

void Tap::comment(std::string_view text) {
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    print_line("# " + std::string(line));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
}

void Tap::bail_out(std::string_view text) { print_line("Bail out! " + one_line(text)); }

void write_junit(const std::string& file, std::string_view suite,
                 const std::vector<Result>& results) {
  const auto took =
      std::accumulate(results.begin(), results.end(), std::chrono::duration<double>(),
                      [](auto sum, const Result& result) { return sum + result.took; });
  std::ofstream out(file);
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite" << attribute("name", suite)
      << attribute("tests", std::to_string(results.size()))
      << attribute("failures", count(results, Result::End::failed))
      << attribute("skipped", count(results, Result::End::skipped)) << attribute("errors", "0")
      << attribute("time", seconds(took)) << ">\n";
  for (const auto& result : results) out << junit_case(result);
  out << "</testsuite>\n";
  if (!out.flush()) throw std::runtime_error("the file " + file + " could not be written");
}

}  // namespace gantry::conformance
