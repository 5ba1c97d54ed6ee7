"""A fictional website to try the product with: ``signpost demo``. Nothing of the product imports this."""
