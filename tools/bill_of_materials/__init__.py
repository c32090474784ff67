"""What the product is made of, as CycloneDX."""
