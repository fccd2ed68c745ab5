"""Programs that the suite runs in processes of their own, each printing one JSON document."""
