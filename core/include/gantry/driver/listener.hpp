// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "gantry/deadline.hpp"
#include "gantry/driver/incoming_message.hpp"
#include "gantry/driver/send_options.hpp"
#include "gantry/export.hpp"

namespace gantry {

// A subscription that pushes what it receives. It exists on the backend from the moment that
// `listen` returns it, and lasts, failovers included, until it is destroyed; between stop and
// destruction messages can still be settled and answered.
class GANTRY_API Listener {
 public:
  // Gets a batch that is never empty. Calls come one after the other, from a thread of the listener
  // (unless BatchOptions::on_any_thread allows others) and with no lock held. The function must not
  // block (see pause) and must not throw.
  using OnBatch = std::function<void(Batch)>;

  virtual ~Listener();  // [owner] stops if need be; blocks until all is released

  virtual void start(OnBatch on_batch) = 0;  // [owner]

  // Back-pressure: after pause the listener takes nothing more from the backend and keeps what it
  // has already; a few messages under way may still be handed over. Both return at once. [any
  // thread, also from within OnBatch]
  virtual void pause() noexcept = 0;
  virtual void resume() noexcept = 0;

  // Takes nothing more from the backend, hands over what was received (also when paused), then
  // returns; no OnBatch call follows. From within OnBatch it only asks for that and returns at
  // once. [any thread]
  virtual void stop() = 0;
};

// Calls a listener's function. What it throws, which it must not, costs the batch alone: it is
// logged, and the messages go with the batch, so that the driver gives back what can be given back
// (LSN-13). [listener's thread]
GANTRY_API void hand_over(Batch batch, const Listener::OnBatch& on_batch) noexcept;

// A subscription that is asked. For drivers whose client library works that way; make_listener
// turns it into a Listener.
class GANTRY_API PollStyleListener {
 public:
  virtual ~PollStyleListener();

  // Waits for a first message until `deadline` and then for more as `batch` says, the batch's clock
  // starting at the first message. Returns what there is, possibly nothing; after stop, what was
  // received already and then nothing. Called by one thread at a time.
  virtual Batch poll(const BatchOptions& batch, Deadline deadline) = 0;

  virtual void stop() noexcept = 0;  // ends a poll that waits [any thread]
};

// A Listener that polls `source` on a thread of its own. Throws InvalidArgument for a batch size of
// 0.
GANTRY_API std::unique_ptr<Listener> make_listener(std::unique_ptr<PollStyleListener> source,
                                                   const BatchOptions& batch);

}  // namespace gantry
