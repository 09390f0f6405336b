// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "gantry/deadline.hpp"
#include "gantry/driver/incoming_message.hpp"
#include "gantry/driver/send_options.hpp"
#include "gantry/export.hpp"

namespace gantry {

// Throws InvalidArgument for a size of 0 or a negative timeout (BATCH-8, BATCH-12).
GANTRY_API void check_batch(const BatchOptions& batch);

// A batch without a timeout waits to be full, but no longer than this, so that no message lies for
// ever (BATCH-7).
inline constexpr std::chrono::seconds kBatchMaxLinger{60};

// Collects a batch from a source that gives one message at a time (semantics §10). `next` waits
// until its deadline for one message and returns null when none came, or when it was stopped; its
// deadline may have passed already, then it gives what is there. The first wait ends at `deadline`;
// the batch's own clock starts when the first message is there and is not extended by later ones.
// A batch timeout of 0 takes what is there.
using NextMessage = std::function<std::unique_ptr<IncomingMessage>(Deadline deadline)>;
GANTRY_API Batch collect_batch(const NextMessage& next, const BatchOptions& batch,
                               Deadline deadline);

}  // namespace gantry
