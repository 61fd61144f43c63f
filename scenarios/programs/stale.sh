# SPDX-License-Identifier: Apache-2.0
# A PID file as many scripts have it: whoever finds a dead one's removes it, by its name.
# usage: stale.sh FILE COMMAND...
file=$1
shift
set -C # '>' creates, and fails if there is something
if ! echo $$ >"$file"; then
  read -r pid <"$file"
  kill -0 "$pid" && exit 1
  rm -f "$file" # which by now may be another one's
  echo $$ >"$file" || exit 1
fi
"$@"
rm -f "$file"
