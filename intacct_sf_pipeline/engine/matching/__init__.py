"""How records without a link find each other, and who may be whom."""
