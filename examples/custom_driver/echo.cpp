// SPDX-License-Identifier: Apache-2.0
// A driver built outside gantry's tree: it has no broker and answers every call itself with the
// arguments of the call. See README.md for how to build and use it.
#include <gantry/driver/descriptor.hpp>
#include <memory>
#include <string>
#include <utility>

namespace {

constexpr gantry::OptionSpec kOptions[] = {
    {.name = "answer",
     .type = gantry::OptionType::text,
     .default_value = "args",
     .choices = "args,request",
     .help = "What a call is answered with: its arguments, or the whole request."},
};

constexpr gantry::Features kFeatures = {.rpc = true};

class EchoDriver final : public gantry::BaseDriver {
 public:
  explicit EchoDriver(const gantry::DriverContext& context)
      : whole_request_(context.options.get<std::string>("answer") == "request") {}

  const gantry::Features& features() const noexcept override { return kFeatures; }

  void send(const gantry::Target&, gantry::Message, const gantry::SendOptions&,
            gantry::Completion<void>&& done) override {
    done.succeed();  // nobody would answer it, and nobody is there to get it
  }

  void call(const gantry::Target&, gantry::Message request, const gantry::CallOptions& options,
            gantry::Completion<gantry::Value>&& done) override {
    if (options.timeline) options.timeline->reach(gantry::Stage::replied);
    done.succeed(answer_to(std::move(request.body)));
  }

  // What `features` denies is not asked for; a driver says so all the same.
  void send_notification(const gantry::Target&, gantry::Message, gantry::Envelope,
                         const gantry::SendOptions&, gantry::Completion<void>&& done) override {
    done.fail(gantry::UnsupportedFeature("echo has no notifications"));
  }
  std::unique_ptr<gantry::Listener> listen_for_notifications(std::span<const gantry::Subscription>,
                                                             std::string_view,
                                                             const gantry::BatchOptions&,
                                                             gantry::Deadline) override {
    throw gantry::UnsupportedFeature("echo has no notifications");
  }
  std::unique_ptr<gantry::Listener> listen(const gantry::Target&, const gantry::BatchOptions&,
                                           gantry::Deadline) override {
    throw gantry::UnsupportedFeature("echo answers calls itself; nobody can serve on it");
  }

 private:
  gantry::Value answer_to(gantry::Object request) const {
    if (whole_request_) return request;
    const auto* const arguments = request.if_contains("args");
    return arguments == nullptr ? gantry::Value(gantry::Object()) : *arguments;
  }

  const bool whole_request_;
};

std::unique_ptr<gantry::BaseDriver> make(const gantry::DriverContext& context) {
  return std::make_unique<EchoDriver>(context);
}

}  // namespace

GANTRY_EXPORT_DRIVER(.schemes = "echo", .version = "1.0.0",
                     .summary = "answers every call with its own arguments", .features = kFeatures,
                     .options = kOptions, .create = make);
