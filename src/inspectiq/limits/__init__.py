"""What a call may cost and how often it may happen: models and prices, rate limits, budgets."""
