# The base is any Debian image with Python 3.11 or later and its venv module.
ARG BASE_IMAGE=python:3.13-slim-bookworm

FROM ${BASE_IMAGE} AS builder
WORKDIR /build
# Two virtual environments: `tools` builds and stays behind, /opt/userapi is what runs. The
# second never has pip or the build backend, so there is nothing to take out of it again.
RUN python3 -m venv tools && python3 -m venv --without-pip /opt/userapi
COPY requirements/run.txt requirements/
RUN tools/bin/pip wheel --require-hashes --requirement requirements/run.txt --wheel-dir wheels
COPY LICENSE README.md pyproject.toml ./
COPY alembic alembic
COPY src src
# From here on pip takes what was checked against the hashes above, and no configuration can
# point it elsewhere.
ENV PIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1 PIP_FIND_LINKS=/build/wheels
RUN tools/bin/pip install hatchling \
    && tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir wheels . \
    && tools/bin/pip --python /opt/userapi/bin/python install userapi

FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="userapi" \
    org.opencontainers.image.description="A self-hosted user and authentication API" \
    org.opencontainers.image.licenses="MIT"
# The official Python images have a pip; other bases have none to uninstall.
RUN python3 -m pip uninstall --yes pip || true
# The working folder is the only one that the service may write to, /tmp aside.
RUN groupadd --gid 10001 userapi \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/userapi \
        --shell /usr/sbin/nologin userapi \
    && install --directory --owner=10001 --group=10001 --mode=0750 /var/lib/userapi
COPY --from=builder /opt/userapi /opt/userapi
ENV FLASK_ENV=production \
    HOST=0.0.0.0 \
    PORT=5000 \
    PATH=/opt/userapi/bin:$PATH
WORKDIR /var/lib/userapi
# A number, because Kubernetes cannot tell from a name that it is not root.
USER 10001:10001
EXPOSE 5000
# Liveness, not readiness: what is unhealthy gets restarted, and that mends no database.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "\
import http.client, os, sys; \
connection = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=4); \
connection.request('GET', '/health/live'); \
sys.exit(connection.getresponse().status != 200)"]
CMD ["userapi", "serve", "--supervised"]
