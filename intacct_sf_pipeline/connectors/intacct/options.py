"""What the Intacct connector has to be told."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import SecretStr

from intacct_sf_pipeline.connectors.http import HttpOptions, check_url
from intacct_sf_pipeline.connectors.slots import CONSIDERATE
from intacct_sf_pipeline.model.errors import ConfigurationError


@dataclass(frozen=True)
class IntacctOptions:
    """Address, credentials and sizes.

    Args:
        base_url: `https://api.intacct.com/ia/api/v1`, or a loopback address.
        client_id: of the application made in the developer portal.
        client_secret: of that application; masked wherever the options are shown.
        username: `user@company` or `user@company|entity`.
        entity_id: act inside this entity; None: the entity of the token, else the top level.
        page_size: rows per query page, at most 4000 (each page is one billed transaction).
        write_batch: records per write call, at most 500; the vendor recommends 100 to 200.
        page_by_key: ask for the keys after the last one read; off: for offsets (see `paging`, UNCONFIRMED).
        lookup_chunk: values per `$in` list.
        concurrency: requests open at once at this company, of all connectors in this process together; the default
            leaves room for other applications, which count against the same limit.
        throttle_wait: seconds to wait when the service throttles and names no time.
        http: time-outs and patience.

    Raises:
        ConfigurationError: an address that is not https (loopback excepted), or a size out of range.
    """

    base_url: str
    client_id: str
    client_secret: SecretStr
    username: str
    entity_id: str | None = None
    page_size: int = 4000
    write_batch: int = 100
    page_by_key: bool = True
    lookup_chunk: int = 500
    concurrency: int = CONSIDERATE
    throttle_wait: float = 60.0
    http: HttpOptions = field(default_factory=HttpOptions)

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", check_url(self.base_url, "INTACCT_BASE_URL"))
        if not 1 <= self.page_size <= 4000:
            raise ConfigurationError("the page size must lie between 1 and 4000", where="page_size")
        if not 1 <= self.write_batch <= 500:
            raise ConfigurationError("the write batch must lie between 1 and 500", where="write_batch")
        if self.concurrency < 1:
            raise ConfigurationError("at least one request has to be allowed at once", where="INTACCT_CONCURRENCY")

    @property
    def tenant(self) -> str:
        """The company's id, from the user name."""
        return self.username.rpartition("@")[2].partition("|")[0]
