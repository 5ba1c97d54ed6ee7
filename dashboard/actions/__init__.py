"""The only writers: one function for each thing a person, a source or the clock may want, each one transaction."""
