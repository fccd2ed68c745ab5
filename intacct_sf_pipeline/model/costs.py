"""What API use costs in money: prices of a contract, and what goes beyond the included number at these prices.

Money is exact (`Decimal`). Sources: Intacct, API transaction volume (what goes beyond the tier is billed, not blocked;
blogs of partners tell of packs of ten); Salesforce, API request limits (further calls are bought by the thousand).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from intacct_sf_pipeline.model.records import Side

Money = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


class Tariff(BaseModel):
    """How one vendor bills a month.

    `included` units cost nothing more; beyond, each begun pack of `pack` units costs `price` (`null`: the price is not
    known, and only units are told).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    included: int | None = Field(default=None, ge=0)
    pack: int = Field(default=1, ge=1)
    price: Money | None = None


class Costs(BaseModel):
    """The contract: currency and both vendors' prices."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
    intacct: Tariff = Tariff(included=100_000, pack=10)
    salesforce: Tariff = Tariff(pack=1000)

    def of(self, side: Side) -> Tariff:
        """The tariff of one vendor."""
        return self.intacct if side is Side.INTACCT else self.salesforce


@dataclass(frozen=True, slots=True)
class Overage:
    """What goes beyond the included units, and its price; None where the price is not known."""

    units: int
    amount: Decimal | None


def overage(tariff: Tariff, units: int) -> Overage:
    """The price of `units` in one month; nothing goes beyond where no included number is given."""
    over = 0 if tariff.included is None else max(0, units - tariff.included)
    packs = -(-over // tariff.pack)
    return Overage(over, None if tariff.price is None else packs * tariff.price)
