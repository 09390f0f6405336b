// SPDX-License-Identifier: Apache-2.0
#pragma once

// Everything an application needs. A driver's author includes gantry/driver/ and gantry/kit/
// instead.
#include "gantry/error.hpp"
#include "gantry/failure.hpp"
#include "gantry/host/driver_manager.hpp"
#include "gantry/ledger.hpp"
#include "gantry/log.hpp"
#include "gantry/notify/listener.hpp"
#include "gantry/notify/notifier.hpp"
#include "gantry/notify/routing.hpp"
#include "gantry/rpc/access_policy.hpp"
#include "gantry/rpc/client.hpp"
#include "gantry/rpc/endpoint.hpp"
#include "gantry/rpc/remote_exceptions.hpp"
#include "gantry/rpc/server.hpp"
#include "gantry/serializer.hpp"
#include "gantry/target.hpp"
#include "gantry/transport.hpp"
#include "gantry/transport_url.hpp"
#include "gantry/value.hpp"
