"""What `celery -A intacct_sf_pipeline.orchestration.celery_worker worker` loads; see `deploy/celery/README.md`."""

from intacct_sf_pipeline.orchestration.celery_executor import celery_app
from intacct_sf_pipeline.settings import load_settings

app = celery_app(load_settings())
