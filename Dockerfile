FROM python:3.12.13-slim-trixie AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/rapid-review
ENV PATH="/opt/rapid-review/bin:$PATH"

WORKDIR /source
COPY requirements.lock ./
RUN pip install --require-hashes --requirement requirements.lock

COPY pyproject.toml README.md ./
COPY domain ./domain
COPY workflows ./workflows
COPY activities ./activities
COPY worker ./worker
COPY starter ./starter
COPY vault ./vault
COPY postbox ./postbox
RUN pip install --no-deps --no-build-isolation .


FROM python:3.12.13-slim-trixie

RUN useradd --uid 1000 --no-create-home --home-dir /var/lib/rapid-review rapid-review \
    && install --directory --owner=1000 --group=1000 --mode=700 /var/lib/rapid-review
COPY --from=build /opt/rapid-review /opt/rapid-review

ENV PATH="/opt/rapid-review/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RAPID_REVIEW_HOME=/var/lib/rapid-review
USER 1000:1000
WORKDIR /var/lib/rapid-review

# A worker opens no port to ask: it stops when it cannot work, and the Web UI shows who is polling.
HEALTHCHECK NONE
ENTRYPOINT ["rapid-review"]
CMD ["--help"]
