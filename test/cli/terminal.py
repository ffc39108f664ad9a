"""Runs a command on a terminal of its own, with a message on standard input, and tells as JSON what came of it.

terminal.py MEBIOCTETS end|interrupt COMMAND...

With interrupt, standard input stays open, and somebody presses Ctrl-C.
"""
import json
import os
import pty
import select
import sys
import threading
import time

mebioctets, ending, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
from_here, to_command = os.pipe()
child, terminal = pty.fork()
if child == 0:
    os.dup2(from_here, 0)
    os.close(to_command)
    os.execvp(command[0], command)
os.close(from_here)


def feed():
    try:
        os.write(to_command, b"Subject: x\r\nContent-Type: application/zip\r\n\r\n")
        block = b"x" * 1022 + b"\r\n"
        for _ in range(mebioctets):
            for _ in range(16):
                os.write(to_command, block * 64)
        if ending == "end":
            os.close(to_command)
    except BrokenPipeError:
        pass


feeder = threading.Thread(target=feed, daemon=True)
feeder.start()
output = b""
pressed = False
begun = time.monotonic()
while time.monotonic() - begun < 50:
    ready, _, _ = select.select([terminal], [], [], 0.2)
    if ready:
        try:
            octets = os.read(terminal, 65536)
        except OSError:  # The other side is closed: EIO on Linux.
            break
        if not octets:
            break
        output += octets
    if ending == "interrupt" and not pressed and b"MiB" in output:
        pressed = True
        os.write(terminal, b"\x03")
_, status = os.waitpid(child, 0)
print(json.dumps({
    "exitCode": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
    "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
    "output": output.decode(),
}))
