# SPDX-License-Identifier: Apache-2.0
# A daemon that does nothing but be there, until SIGTERM. It forks twice, and writes its PID by itself.
# usage: perl served.pl start|stop|status FILE    one at a time, by a lock on the file
#        perl served.pl start_unlocked FILE       looks first, and writes later
use strict;
use warnings;
use Fcntl ':flock', 'O_RDWR', 'O_CREAT';
use POSIX ();

my ($verb, $name) = @ARGV;
my $asks = $verb eq 'status' || $verb eq 'stop';
sysopen(my $file, $name, $asks ? O_RDWR : O_RDWR | O_CREAT) or exit($verb eq 'stop' ? 0 : 3);

sub recorded {
  sysseek($file, 0, 0);
  sysread($file, my $text, 20) or return 0;
  return $text =~ /^(\d+)$/ ? $1 : 0;
}

sub record {
  my ($text) = @_;
  truncate($file, 0);
  sysseek($file, 0, 0);
  syswrite($file, $text);
}

# The lock goes with the open file, to whoever has it last.
sub serve {
  exit 0 if fork;
  POSIX::setsid();
  exit 0 if fork;
  my $told = 0;
  $SIG{TERM} = sub { $told = 1 };
  record("$$\n");
  sleep until $told;
  record('');
  exit 0;
}

if ($verb eq 'start') {
  flock($file, LOCK_EX | LOCK_NB) or exit 1;
  serve();
}
my $pid = recorded();
my $lives = $pid && kill(0, $pid);
if ($verb eq 'start_unlocked') {
  exit 1 if $lives;
  serve();
}
exit($lives ? 0 : 3) if $verb eq 'status';
exit 0 unless $lives;
kill('TERM', $pid);
flock($file, LOCK_EX);    # free when it has ended
