#!/bin/sh
# Starts Redis in its container, with the password of REDISCLI_AUTH. Redis reads no setting from its environment, and an
# argument would be seen by all users of the machine, so it reads the password from its standard input. The lab has a
# configuration file for that (crates/engine/src/native_processes/redis.rs).
set -u

exec redis-server - "$@" << CONFIGURATION
requirepass $REDISCLI_AUTH
CONFIGURATION
