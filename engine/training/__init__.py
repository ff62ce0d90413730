"""Learning the judge of PARSING from documents with known values. Nothing of this is needed to run the engine."""
