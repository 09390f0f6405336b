// SPDX-License-Identifier: Apache-2.0
#include "error_kind.hpp"

#include <fmt/format.h>

#include "gantry/error.hpp"
#include "gantry/failure.hpp"

namespace gantry::faults {

ErrorKind kind_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const MessagingTimeout& e) {
    return {fmt::format("MessagingTimeout({})", to_string(e.cause())), e.what(), true};
  } catch (const MessageInDoubt& e) {
    return {"MessageInDoubt", e.what(), true};
  } catch (const MessageDeliveryFailure& e) {
    return {"MessageDeliveryFailure", e.what(), false};
  } catch (const MessageUndeliverable& e) {
    return {"MessageUndeliverable", e.what(), false};
  } catch (const AuthenticationFailed& e) {
    return {"AuthenticationFailed", e.what(), false};
  } catch (const AccessRefused& e) {
    return {"AccessRefused", e.what(), false};
  } catch (const EntityNotFound& e) {
    return {"EntityNotFound", e.what(), false};
  } catch (const TopologyMismatch& e) {
    return {"TopologyMismatch", e.what(), false};
  } catch (const TransportDriverError& e) {
    return {"TransportDriverError", e.what(), false};
  } catch (const TransportClosed& e) {
    return {"TransportClosed", e.what(), true};
  } catch (const std::exception& e) {
    return {"untyped", e.what(), true};
  }
}

}  // namespace gantry::faults
