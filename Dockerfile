FROM python:3.11-slim

LABEL org.opencontainers.image.title="customer-profiles" \
      org.opencontainers.image.description="REST service that keeps one profile per customer" \
      org.opencontainers.image.licenses="Apache-2.0"

RUN useradd --create-home --uid 10001 profiles
WORKDIR /service
COPY requirements/runtime.txt requirements/runtime.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/runtime.txt
COPY setup.cfg pyproject.toml README.md LICENSE asgi.py wsgi.py ./
COPY app app
COPY schemas schemas
COPY migrations_cql migrations_cql
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
 && mkdir var && chown profiles var
# By number, so that Kubernetes can tell that it is not root.
USER 10001

ENV PROFILES_BIND=0.0.0.0:8080
VOLUME /service/var
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health/live')"]
CMD ["sh", "-c", "profiles migrate apply --quiet && exec profiles serve"]
