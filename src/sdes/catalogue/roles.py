"""The market roles that SDES knows, with their labels and fuels."""

from enum import StrEnum


class MarketRole(StrEnum):
    """What a company is in the market. Values are SDES's own codes: they tell the two suppliers apart."""

    ELECTRICITY_SUPPLIER = "X"
    GAS_SUPPLIER = "G"
    DISTRIBUTOR = "R"
    MEM = "M"

    @property
    def label(self) -> str:
        """The role as people read it, e.g. "Electricity supplier"."""
        return _LABELS[self]

    @property
    def display_code(self) -> str:
        """The trade's own code: a supplier of either fuel is X."""
        return "X" if self is MarketRole.GAS_SUPPLIER else self.value

    @property
    def fuel(self) -> str:
        """The fuel that the role deals in: "E" or "G"."""
        return "G" if self is MarketRole.GAS_SUPPLIER else "E"


_LABELS = {
    MarketRole.ELECTRICITY_SUPPLIER: "Electricity supplier",
    MarketRole.GAS_SUPPLIER: "Gas supplier",
    MarketRole.DISTRIBUTOR: "Distributor",
    MarketRole.MEM: "Metering equipment manager",
}
