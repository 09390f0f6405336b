// SPDX-License-Identifier: Apache-2.0
#include "gantry/kit/batch.hpp"

#include <algorithm>
#include <utility>

#include "gantry/error.hpp"

namespace gantry {

void check_batch(const BatchOptions& batch) {
  if (batch.size == 0) throw InvalidArgument("a batch size of 0: it has to be at least 1");
  if (batch.timeout && batch.timeout->count() < 0) {
    throw InvalidArgument("a negative batch timeout: 0 takes what is there, none waits until full");
  }
}

Batch collect_batch(const NextMessage& next, const BatchOptions& batch, Deadline deadline) {
  Batch collected;
  auto message = next(deadline);
  if (!message) return collected;
  collected.push_back(std::move(message));
  if (batch.size == 1) return collected;
  const auto window = std::min(deadline, Deadline::after(batch.timeout.value_or(kBatchMaxLinger)));
  while (collected.size() < batch.size && (message = next(window))) {
    collected.push_back(std::move(message));
  }
  return collected;
}

}  // namespace gantry
