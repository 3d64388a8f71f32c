# One image for every process: the word after the image name chooses which (serve, worker --stage …, dispatcher, clock).
FROM python:3.11-slim-bookworm

# HF_HUB_OFFLINE: the model comes from a mounted folder, nothing is fetched at start.
# PYTHONSAFEPATH: what lies in the working folder is never imported instead of the product.
ENV HF_HUB_OFFLINE=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/opt/qa \
    PYTHONSAFEPATH=1 \
    PYTHONUNBUFFERED=1 \
    QA_DATA_DIR=/var/lib/qa \
    QA_HOST=0.0.0.0

WORKDIR /opt/qa
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.txt
COPY NOTICE ./
COPY lexicons ./lexicons
COPY qa_service ./qa_service
COPY workers ./workers
COPY api ./api
RUN python -m compileall -q qa_service workers api

RUN useradd --system --uid 10001 --home-dir /var/lib/qa --create-home qa
USER qa
VOLUME /var/lib/qa
EXPOSE 8765

HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:%s/healthz' % os.environ.get('QA_PORT', 8765), timeout=4)"]
ENTRYPOINT ["python", "-m", "qa_service"]
CMD ["serve"]
