# docker build -t sqlvec .
# docker run -p 5432:5432 -v sqlvec:/data -e SQLVEC_PASSWORD=... sqlvec

FROM python:3.11-slim AS build
WORKDIR /source
RUN python -m venv /opt/sqlvec
# The dependencies before the code: a change of code then reuses this layer.
COPY pyproject.toml ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
        > requirements.txt \
    && /opt/sqlvec/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt
COPY README.md LICENSE ./
COPY sqlvec ./sqlvec
COPY wire ./wire
COPY planner ./planner
COPY storage ./storage
COPY examples/data ./examples/data
RUN /opt/sqlvec/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps .

FROM python:3.11-slim
# libgomp1: FAISS runs its threads with OpenMP.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 sqlvec \
    && useradd --uid 10001 --gid sqlvec --home-dir /data --no-create-home --shell /usr/sbin/nologin sqlvec \
    && install --directory --owner=sqlvec --group=sqlvec --mode=0700 /data
COPY --from=build /opt/sqlvec /opt/sqlvec
ENV PATH=/opt/sqlvec/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
USER sqlvec
WORKDIR /data
VOLUME /data
EXPOSE 5432
# The server ends cleanly on SIGTERM, Docker's default; said here because it matters.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, sys; from psycopg import pq; sys.exit(pq.PGconn.ping(b'host=127.0.0.1 connect_timeout=4 port=' + os.environ.get('SQLVEC_PORT', '5432').encode()))"]
ENTRYPOINT ["sqlvec", "serve", "--host", "0.0.0.0", "--data", "/data"]
