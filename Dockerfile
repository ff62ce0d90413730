# syntax=docker/dockerfile:1
# One image for web, worker and engine. It runs as an ordinary user and writes to /data and /tmp only, so its root can be
# read-only; compose.yaml does that. The embedded engine is part of it, and runs only where it is started.
FROM python:3.13-slim-bookworm AS build
WORKDIR /source
COPY . .
RUN deploy/image/build.sh /opt/portal

FROM python:3.13-slim-bookworm
COPY deploy/image/prepare.sh /tmp/prepare.sh
RUN /tmp/prepare.sh && rm /tmp/prepare.sh
COPY --from=build /opt/portal /opt/portal
ENV PATH=/opt/portal/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data/portal \
    PORTAL_HOST=0.0.0.0
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
# Of `up` and `web`; compose.yaml has another one for the engine.
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s --retries=3 \
    CMD ["python", "-m", "portal.probe", "web"]
ENTRYPOINT ["extraction-portal"]
CMD ["up"]
