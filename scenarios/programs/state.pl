# SPDX-License-Identifier: Apache-2.0
# A daemon whose state is a JSON file, which it replaces as a whole. It forks twice, and says when it is up.
# usage: perl state.pl DIRECTORY             one at a time, by a lock beside the file
#        perl state.pl DIRECTORY unlocked    a file that names a live process is enough
use strict;
use warnings;
use Fcntl ':flock', 'O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_CREAT';
use POSIX ();

my ($directory, $unlocked) = @ARGV;
my $state = "$directory/state.json";

sub somebody_lives {
  sysopen(my $file, $state, O_RDONLY) or return 0;
  sysread($file, my $text, 100);
  return $text =~ /"pid": *(\d+)/ && kill(0, $1);
}

sub serve {
  exit 0 if fork;
  POSIX::setsid();
  exit 0 if fork;
  sysopen(my $file, "$state.$$", O_WRONLY | O_CREAT);
  syswrite($file, qq({"daemon": {"pid": $$}, "version": 1}\n));
  close $file;
  rename("$state.$$", $state);
  syswrite(STDOUT, "serving\n");
  sleep;
}

if ($unlocked) {
  exit 0 if somebody_lives();
  serve();
}
sysopen(my $lock, "$directory/lock", O_RDWR | O_CREAT);
flock($lock, LOCK_EX | LOCK_NB) or exit 0;
serve();
