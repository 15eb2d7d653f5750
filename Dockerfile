# One image for both: the web process (default) and the worker (`flask worker`).
FROM python:3.12-slim-bookworm AS build
WORKDIR /srv/yikatong
COPY requirements.txt ./
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
RUN for catalogue in translations/*/LC_MESSAGES/messages.po; do \
      /opt/venv/bin/pybabel compile -i "$catalogue" -o "${catalogue%.po}.mo"; done

FROM python:3.12-slim-bookworm
# Publicity lists and posters are printed as PDF in this font; back-ups are made with pg_dump (15: for a server up to 15).
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends fonts-wqy-microhei postgresql-client \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/yikatong yikatong
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/yikatong /srv/yikatong
WORKDIR /srv/yikatong
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    FLASK_APP=app:create_app YKT_INSTANCE=/var/lib/yikatong/instance YKT_ENV=production
USER yikatong
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn"]
