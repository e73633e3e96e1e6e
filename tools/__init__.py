"""Programs for those who work on inspectiq; none of them ships."""
