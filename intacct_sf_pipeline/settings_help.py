"""Where the value of each variable is found in the vendors' set-up screens. Data only.

Sources: Intacct REST reference, section 2.1; Intacct XML reference, sections on control and login; Salesforce
reference, section 2.1.
"""

from __future__ import annotations

from collections.abc import Mapping

_APPLICATION = (
    "Sage developer portal > your application; "
    "the company lists it under Company > Security > Authorized Client Applications"
)
_SENDER = (
    "your Sage Web Services licence; "
    "the company lists it under Company > Company Info > Security > Web Services authorizations"
)
_WEB_USER = "Intacct: Company > Web Services users"
_APP = "Salesforce: Setup > External Client App Manager > your app > Settings > OAuth, Consumer Key and Secret"

WHERE_TO_FIND: Mapping[str, str] = {
    "INTACCT_API": "rest or xml",
    "INTACCT_BASE_URL": "https://api.intacct.com/ia/api/v1 for every company",
    "INTACCT_CLIENT_ID": _APPLICATION,
    "INTACCT_CLIENT_SECRET": _APPLICATION,
    "INTACCT_USERNAME": f"user@company or user@company|entity; {_WEB_USER}",
    "INTACCT_XML_URL": "https://api.intacct.com/ia/xml/xmlgw.phtml for every company",
    "INTACCT_SENDER_ID": _SENDER,
    "INTACCT_SENDER_PASSWORD": _SENDER,
    "INTACCT_COMPANY_ID": "what is typed as company id when signing in to Intacct",
    "INTACCT_USER_ID": _WEB_USER,
    "INTACCT_USER_PASSWORD": _WEB_USER,
    "INTACCT_ENTITY_ID": "Intacct: Company > Entities; leave it out to work at the top level",
    "INTACCT_XML_TIME_ZONE": "user (of the Web Services user's settings) or utc",
    "INTACCT_XML_DATES": "check, user or standard",
    "INTACCT_CONCURRENCY": "a number; Intacct: Company > Subscriptions names the performance tier",
    "SALESFORCE_LOGIN_URL": "Salesforce: Setup > My Domain, with https:// in front",
    "SALESFORCE_CLIENT_ID": _APP,
    "SALESFORCE_CLIENT_SECRET": f"{_APP}; the client credentials flow needs a run-as user there",
    "SALESFORCE_USERNAME": "Salesforce: Setup > Users > the integration user",
    "SALESFORCE_PRIVATE_KEY_FILE": "the PEM file of the key whose certificate is uploaded in the app's OAuth settings",
    "SALESFORCE_PASSWORD": "Salesforce: Setup > Users > the integration user",
    "SALESFORCE_SECURITY_TOKEN": "Salesforce: the integration user's Settings > Reset My Security Token",
    "SALESFORCE_ACCESS_TOKEN": "a session id fetched by other means (`sf org display` shows one); not renewable",
    "SALESFORCE_INSTANCE_URL": "the address of the org of SALESFORCE_ACCESS_TOKEN; Salesforce: Setup > My Domain",
    "SALESFORCE_API_VERSION": "a version of the REST API, such as 62.0",
    "SALESFORCE_CONCURRENCY": "a number, 25 at most; Salesforce: 5 for a developer or trial org",
    "SALESFORCE_BULK_FROM_ROWS": "a number of records; leave it out to let the number of calls decide, 0 for never",
    "SALESFORCE_BULK_WAIT_SECONDS": "seconds; 1800 unless you say otherwise",
    "STAGING_DATABASE_URL": "sqlite:///file, postgresql+psycopg://... or mssql+pyodbc://...",
    "STAGING_SCHEMA": "a name such as northwind, in small letters; the database's own schema unless you say otherwise",
    "SYNC_CONFIG": "the path of your YAML file",
    "TENANT": "a short name of the company, such as northwind; only where several share a Dagster instance",
    "DAGSTER_HOME": "an absolute path",
    "SYNC_EXECUTOR": "in_process, multiprocess or celery",
    "CELERY_BROKER_URL": "redis://:password@host:6379/0 or pyamqp://user:password@host//; deploy/celery/README.md",
    "CELERY_RESULT_BACKEND": "redis://..., or rpc:// with RabbitMQ; the broker itself if that is Redis",
    "CELERY_START_WITHIN_SECONDS": "seconds; 900 unless you say otherwise",
    "ALERT_WEBHOOK_URL": "the incoming webhook of a Slack or Teams channel, https://...",
    "ALERT_EMAIL_TO": "one address, or several with commas between",
    "SMTP_URL": "smtp://user:password@host:587 or smtps://...",
}
