# with paramiko
"""An SSH server in one thread, a client in another: a command and a file over SFTP."""

import io
import logging
import os
import socket
import tempfile
import threading

import paramiko


class Server(paramiko.ServerInterface):
    def check_auth_password(self, name, password):
        return paramiko.AUTH_SUCCESSFUL if password == "right" else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, number):
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel, command):
        threading.Thread(target=self.answer, args=(channel, command)).start()
        return True

    def answer(self, channel, command):
        channel.recv(3)
        channel.sendall(b"ran " + command[::-1] + b"\n" + b"x" * 100000)
        channel.sendall_stderr(b"warned")
        channel.send_exit_status(7)
        channel.close()


class Files(paramiko.SFTPServerInterface):
    def stat(self, path):
        return paramiko.SFTPAttributes.from_stat(os.stat(path))

    def list_folder(self, path):
        return [paramiko.SFTPAttributes.from_stat(os.stat(os.path.join(path, name)), name)
                for name in sorted(os.listdir(path))]

    def open(self, path, flags, attributes):
        handle = paramiko.SFTPHandle(flags)
        handle.readfile = handle.writefile = open(path, "w+b" if flags & os.O_CREAT else "rb")
        return handle


def serve(listener, key, connections):
    for _ in range(connections):
        transport = paramiko.Transport(listener.accept()[0])
        transport.add_server_key(key)
        transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Files)
        transport.start_server(server=Server())


def connect(port, password):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect("127.0.0.1", port, "user", password, look_for_keys=False, allow_agent=False)
    return client


logging.disable(logging.CRITICAL)
key = paramiko.RSAKey.generate(2048)
text = io.StringIO()
key.write_private_key(text)
text.seek(0)
print(paramiko.RSAKey.from_private_key(text) == key, key.get_name(), key.get_bits())
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
threading.Thread(target=serve, args=(listener, key, 2), daemon=True).start()
try:
    connect(port, "wrong")
except paramiko.AuthenticationException as error:
    print(error)
with connect(port, "right") as client:
    stdin, stdout, stderr = client.exec_command("command")
    stdin.write("go\n")
    print(stdout.readline(), len(stdout.read()), stderr.read(), stdout.channel.recv_exit_status())
    with tempfile.TemporaryDirectory() as folder, client.open_sftp() as sftp:
        with sftp.open(folder + "/name", "w") as file:
            file.write("line\n" * 5000)
        print(sftp.listdir(folder), sftp.stat(folder + "/name").st_size)
        with sftp.open(folder + "/name") as file:
            print(file.readline(), len(file.read()))
        try:
            sftp.stat(folder + "/none")
        except OSError as error:
            print(error.errno)
listener.close()
