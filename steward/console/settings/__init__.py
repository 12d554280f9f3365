"""Settings: figures, prices, categories and rights, each with its effect and its history."""
