"""A collector that takes OTLP over HTTP and keeps what it got."""
import http.server
import threading


class Collector:
    def __init__(self, port):
        self.received = received = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # noqa: N802
                received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("0.0.0.0", port), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def has(self, *texts):
        """Whether one export to the right path has all of them."""
        return any(path == "/v1/traces" and all(text.encode() in body for text in texts)
                   for path, body in list(self.received))

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
