"""Signing in to Salesforce: one module per flow, what they share in `grant`, what to do about refusals in `advice`."""

from intacct_sf_pipeline.connectors.salesforce.login.client_credentials import ClientCredentialsLogin
from intacct_sf_pipeline.connectors.salesforce.login.grant import Grant, Login
from intacct_sf_pipeline.connectors.salesforce.login.jwt_bearer import JwtLogin
from intacct_sf_pipeline.connectors.salesforce.login.session import SessionLogin
from intacct_sf_pipeline.connectors.salesforce.login.soap import SoapLogin

__all__ = ["ClientCredentialsLogin", "Grant", "JwtLogin", "Login", "SessionLogin", "SoapLogin"]
