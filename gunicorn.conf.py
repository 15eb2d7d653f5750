"""How the site is served: few processes, a few threads each, no request line in a log. A slow client holds
no thread (core/serving.py)."""

import os
import sys
from typing import Any

from app import settings_or_exit

wsgi_app = "app:create_app()"
bind = f"{os.environ.get('YKT_BIND', '0.0.0.0')}:{os.environ.get('PORT', '8000')}"  # noqa: S104 -- the front desk is open
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "core.serving.PatientWorker"
threads = 4
# Many systems grant a process 1024 open files, and a long request that is still arriving needs two.
worker_connections = 450
timeout = 60
graceful_timeout = 30
keepalive = 5
limit_request_line = 4094
limit_request_fields = 60
max_requests = 20000
max_requests_jitter = 2000
# Request lines would hold tokens and addresses; what must be known stands in the application's own log.
accesslog = None
# Nobody steers the server through its socket, and it would lie in the home of whoever started it.
control_socket_disable = True
loglevel = "warning"


def on_starting(server: Any) -> None:
    """Stop before a single worker starts where a setting is wrong; a worker would be started again and again."""
    settings_or_exit()
    if server.cfg.is_ssl and server.cfg.worker_class_str == worker_class:
        sys.exit("这里不办 TLS：证书放在前面的反向代理上（见 docs/operations.md）。")
