# SPDX-License-Identifier: Apache-2.0
# The same as stale.sh, as a worker: acquired or busy, released at the end of its input.
# usage: perl stale.pl FILE
use strict;
use warnings;
use Fcntl;

my $file = shift;
$| = 1;

sub create {
  sysopen(my $out, $file, O_CREAT | O_EXCL | O_WRONLY) or return 0;
  syswrite($out, "$$\n");
  close $out;
  return 1;
}

sub is_stale {
  open(my $in, '<', $file) or return 1;
  my $pid = <$in>;
  close $in;
  return defined $pid && $pid =~ /^(\d+)$/ && !kill(0, $1);
}

if (!create()) {
  if (is_stale()) { unlink $file }    # which by now may be another one's
  if (!create()) { print "busy\n"; exit 1 }
}
print "acquired\n";
<STDIN>;
unlink $file;
print "released\n";
