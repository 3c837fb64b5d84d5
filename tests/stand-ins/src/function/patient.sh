#!/bin/sh
echo '{"level":"INFO"}'
echo "a complaint" >&2
exec sleep 60
