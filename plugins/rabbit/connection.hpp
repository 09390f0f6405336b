// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string_view>

#include "dialer.hpp"
#include "fault.hpp"
#include "frames.hpp"
#include "gantry/deadline.hpp"
#include "gantry/kit/mailbox.hpp"
#include "interrupt.hpp"
#include "session.hpp"
#include "settings.hpp"
#include "thread.hpp"

namespace gantry::rabbit {

// What a connection is for: sending, the replies, a listener. All of it is called by the
// connection's thread alone. What throws ConnectionLost gives the session up.
class Role : public FrameSink {
 public:
  virtual std::string_view purpose() const noexcept = 0;  // "sending", for the log

  virtual bool wants_session() const = 0;         // whether to connect now
  virtual void opened(Session& session) = 0;      // channel 1 is open: declare, consume
  virtual void turn(Session& session) = 0;        // after each round of letters and frames
  virtual Deadline due() const { return never; }  // when a turn is wanted without either

  // No host of the URL would have us. `final`: no further attempt can succeed (credentials, a
  // clash with what the broker has), so whoever waits is told.
  virtual void attempt_failed(const std::exception_ptr& error, bool final) = 0;
  virtual void lost(const std::exception_ptr& error) = 0;  // the session that was opened is gone
  // Answers what the broker closed; what is not mended here gives the session up.
  virtual void channel_closed(Session& session, const ChannelClosed& closed);

  virtual bool idle() const { return true; }   // nothing is under way: it may be closed now
  virtual void closing(Session& session) = 0;  // the last words on a session that stands
  virtual void closed() = 0;                   // no session follows: whatever waits is to be told

  // What only some roles receive.
  void on_delivery(Delivery) override {}
  void on_returned(Returned) override {}
  void on_confirm(const Confirm&) override {}
  void on_consumer_cancelled(const std::string& tag) override;
  void on_blocked(const std::string&) override {}
  void on_unblocked() override {}
};

// A connection to whichever host answers, and the one thread that owns it. It connects when its
// role wants that, connects again when the session is lost, keeps the heartbeats, and hands the
// role what arrives. Others reach the thread by letters.
class Connection {
 public:
  using Letter = std::function<void()>;  // run by the connection's thread; does not throw

  // Both are borrowed and outlive the connection.
  Connection(const Settings& settings, Role& role);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();  // stop()

  // False: the connection was stopped, and the letter is not read any more. [any thread]
  bool post(Letter letter) { return mailbox_.post(std::move(letter)); }

  // Runs `work` on this thread instead, with the session, where the connection's own thread would
  // have nothing else to do: it waits for input. What `work` then does counts as done by that
  // thread; it must neither wait nor call anybody back. False: it did not run, or it says that it
  // did nothing. [any thread]
  using Work = std::function<bool(Session&)>;
  bool run_here(const Work& work);

  // Takes no letters any more, lets the role finish what is under way, closes, and ends the
  // thread, all within a few seconds whatever the broker does. Harmless when repeated. Not from
  // the connection's own thread. [any thread]
  void stop();
  // Asks for that, without waiting: its seconds begin now. [any thread]
  void begin_stop() noexcept;

  // Whether a session stands, as far as another thread can tell.
  bool serving() const noexcept { return serving_; }
  bool on_own_thread() const noexcept { return thread_.is_current(); }

 private:
  struct Ready {
    bool letters = false;
    bool input = false;
  };

  void run() noexcept;
  bool finished();
  void keep_session();
  std::unique_ptr<Session> connect();
  bool open(Session& session);
  void serve(Session& session);
  void leave(Session& session) noexcept;
  template <class Step>
  void step(Session& session, Step what);
  std::exception_ptr drain(Session& session, const std::exception_ptr& error);
  void read_letters();
  Ready wait(int socket, Deadline deadline);
  Ready wait_for_input(Session& session, Deadline deadline);
  void failed(const std::exception_ptr& error, bool final);
  void lost(const std::exception_ptr& error);
  void pause(std::chrono::milliseconds duration, bool knocking);
  std::chrono::milliseconds splay();
  Deadline heartbeat_due(const Session& session) const;
  void log_failure(const std::exception_ptr& error);

  const Settings& settings_;
  Role& role_;
  Backoff backoff_;
  std::minstd_rand random_;
  Deadline rested_{Deadline::Clock::time_point::min()};  // when a lost session is replaced at once
  bool failing_ = false;                                 // no session, and that was logged
  Mailbox<Letter> mailbox_;
  Interrupt interrupt_;
  Dialer dialer_;
  std::atomic<bool> serving_ = false;
  std::atomic<bool> needed_ = false;   // it connects because something is under way
  std::atomic<bool> closing_ = false;  // set once the mailbox is closed
  std::once_flag stop_asked_;
  Deadline noticed_by_{};  // set by begin_stop
  // Whose turn it is to use the session. The connection's thread has it but while it waits for
  // input; others only try. So no callback is kept from anything by it.
  std::mutex turn_;
  Session* lent_ = nullptr;         // while that thread waits; guarded by turn_, as the next
  std::exception_ptr lost_here_{};  // what ended the session in somebody else's turn
  BigStackThread thread_;           // last: it uses all of the above
};

}  // namespace gantry::rabbit
