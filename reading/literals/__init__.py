"""Numbers, dates, money and countries as people write them, for the engine that reads values and the portal that looks
them up on the page. What locales define comes from CLDR (through Babel), what it lacks from `reading.vocabulary`.
"""
