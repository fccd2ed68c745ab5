"""Which step a job takes next."""

from intacct_sf_pipeline.sandbox.salesforce.bulk import ingest_work, query_work
from intacct_sf_pipeline.sandbox.salesforce.bulk.jobs import IngestJob, Job, QueryJob
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg


def catch_up(org: SalesforceOrg, *, polled: Job | None = None) -> None:
    """Do the steps that are due, and one of the job that is polled."""

    def step(job: Job) -> None:
        if isinstance(job, IngestJob):
            ingest_work.step(org, job)
        elif isinstance(job, QueryJob):
            query_work.step(org, job)

    org.bulk.catch_up(step, polled=polled)
