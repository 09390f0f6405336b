// SPDX-License-Identifier: Apache-2.0
#include "errors.hpp"

#include <fmt/format.h>

#include "gantry/log.hpp"

namespace gantry::kafka {
namespace {

constexpr std::string_view kAlert = "SSL alert";

}  // namespace

std::string text_of(rd_kafka_resp_err_t error) { return rd_kafka_err2str(error); }

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  }
}

bool is_transient(rd_kafka_resp_err_t error) noexcept {
  switch (error) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__DESTROY:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
      return true;
    default:
      return false;
  }
}

// A broker that does not take our certificate says so once it is connected, in OpenSSL's words.
bool is_distrust(rd_kafka_resp_err_t error, std::string_view reason) noexcept {
  return error == RD_KAFKA_RESP_ERR__AUTHENTICATION || error == RD_KAFKA_RESP_ERR__SSL ||
         reason.find(kAlert) != reason.npos;
}

std::exception_ptr distrust(const std::string& what, rd_kafka_resp_err_t error,
                            std::string_view reason) {
  constexpr std::size_t longest = 400;
  std::string_view remedy = "check ssl_cafile, and that the broker's certificate names its host";
  if (error == RD_KAFKA_RESP_ERR__AUTHENTICATION) {
    remedy = "check user, password and sasl_mechanism";
  } else if (reason.find(kAlert) != reason.npos) {
    remedy = "the broker does not trust this client: check ssl_client_cert_file";
  }
  return std::make_exception_ptr(
      AuthenticationFailed(fmt::format("{}: {}; {}", what, printable(reason, longest), remedy)));
}

std::exception_ptr refusal(const std::string& what, rd_kafka_resp_err_t error,
                           const std::string& entity) {
  const auto text = fmt::format("{}: {}", what, text_of(error));
  switch (error) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return distrust(what, RD_KAFKA_RESP_ERR__AUTHENTICATION, text_of(error));
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return std::make_exception_ptr(
          AccessRefused(text + "; the user needs an ACL for it", entity));
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return std::make_exception_ptr(
          EntityNotFound(text + "; create it, or let the user create topics", entity));
    default:
      return std::make_exception_ptr(TransportDriverError(text));
  }
}

void throw_if(rd_kafka_resp_err_t error, const std::string& what, const std::string& entity) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  if (is_transient(error)) throw Unreachable(fmt::format("{}: {}", what, text_of(error)));
  std::rethrow_exception(refusal(what, error, entity));
}

void throw_if_of_known_topic(rd_kafka_resp_err_t error, const std::string& what,
                             const std::string& entity) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      throw Unreachable(fmt::format("{}: {}", what, text_of(error)));
    default:
      throw_if(error, what, entity);
  }
}

}  // namespace gantry::kafka
