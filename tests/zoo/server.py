"""A small HTTP server with the faults that downloads meet: server.py FOLDER PORT_FILE LOG_FILE

The first part of a path says how the file behind it is served; every request is logged as "path range".
"""

import http.server
import os
import sys
import time

folder, port_file, log_file = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        how, _, name = self.path.lstrip("/").partition("/")
        asked = self.headers.get("Range", "-")
        with open(log_file, "a") as log:
            log.write(f"{self.path} {asked}\n")
        if how == "moved":
            return self.redirect("/plain/" + name)
        if how == "file":
            return self.redirect("file://" + os.path.join(folder, name))
        if how == "around":
            return self.redirect(self.path)
        try:
            with open(os.path.join(folder, name), "rb") as file:
                content = file.read()
        except OSError:
            return self.send_error(404)
        first = 0
        if asked.startswith("bytes=") and how != "whole":
            first = int(asked[len("bytes="):].rstrip("-"))
            if first >= len(content):
                return self.send_error(416)
            self.send_response(206)
            shown = 0 if how == "other" else first
            self.send_header("Content-Range", f"bytes {shown}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        content = content[first:]
        if how != "unsized":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        half = len(content) // 2
        if how in ("cut", "stall", "slow"):
            self.wfile.write(content[:half])
            self.wfile.flush()
            if how == "cut":
                return
            time.sleep(20 if how == "stall" else 0.5)
            content = content[half:]
        self.wfile.write(content)

    def redirect(self, to):
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
with open(port_file + ".new", "w") as out:
    out.write(str(server.server_port))
os.rename(port_file + ".new", port_file)
server.serve_forever()
