"""Forms: validation and cleaning of what people enter. They write nothing, except for model forms."""
